/* parse.cpp - text to document: simdjson parses into scratch memory that is used again, and what it
 * found is copied into one block of exactly the needed size. (Its own buffers are ten times the
 * text; fresh memory of that size costs more than the parsing.)
 * No exception leaves this file: only simdjson's calls that return codes, and nothrow new. */
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

/* In C a function may be called like a struct's tag; g++ takes that for shadowing. */
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "base/error.h"
}
#include "json/document.h"
#include "json/tape.h"

namespace {

constexpr size_t smallest_capacity = 4096;
/* Scratch above this is given back after use: one large answer must not stay as memory for ever. */
constexpr size_t kept_capacity = 1 << 20;

const char out_of_memory[] = "there is not enough memory to read this JSON";

} // namespace

struct th_json_parser {
    std::unique_ptr<simdjson::dom::parser> simd;
    simdjson::dom::document scratch;
    std::unique_ptr<char[]> text; /* the input and the padding that simdjson reads past its end */
    size_t capacity;              /* of all three */
};

namespace {

void release_scratch(th_json_parser_t *parser) noexcept {
    parser->simd.reset();
    parser->text.reset();
    parser->scratch = simdjson::dom::document();
    parser->capacity = 0;
}

bool reserve_scratch(th_json_parser_t *parser, size_t length) noexcept {
    if (length <= parser->capacity) return true;
    size_t capacity = smallest_capacity;
    while (capacity < length)
        capacity *= 2;
    release_scratch(parser);
    parser->simd.reset(new (std::nothrow) simdjson::dom::parser());
    parser->text.reset(new (std::nothrow) char[capacity + simdjson::SIMDJSON_PADDING]);
    /* One level more for simdjson's root and one for its way of counting. */
    if (!parser->simd || !parser->text ||
        parser->simd->allocate(capacity, TH_TAPE_MAX_DEPTH + 2) != simdjson::SUCCESS ||
        parser->scratch.allocate(capacity) != simdjson::SUCCESS) {
        release_scratch(parser);
        return false;
    }
    parser->capacity = capacity;
    return true;
}

void wipe(void *memory, size_t length) noexcept {
    explicit_bzero(memory, length);
}

/* One block with the scratch's content; NULL: out of memory. */
th_json_document_t *copy_scratch(const simdjson::dom::document &scratch, uint64_t string_bytes,
                                 const th_json_limits_t *limits) noexcept {
    uint64_t words = scratch.tape[0] & TH_TAPE_PAYLOAD;
    void *block = std::malloc(sizeof(th_json_document_t) + words * 8 + string_bytes);
    if (!block) return nullptr;
    th_json_document_t *document = static_cast<th_json_document_t *>(block);
    document->references = 1;
    document->unique = limits->refuse_duplicates;
    document->wipe = limits->wipe;
    document->words = words;
    document->string_bytes = string_bytes;
    char *behind = static_cast<char *>(block) + sizeof *document;
    std::memcpy(behind, scratch.tape.get(), words * 8);
    if (string_bytes > 0) std::memcpy(behind + words * 8, scratch.string_buf.get(), string_bytes);
    return document;
}

void refuse(th_slice_t text, uint32_t depth, simdjson::error_code code,
            th_error_t *error) noexcept {
    if (code == simdjson::MEMALLOC) {
        (void)th_error_set(error, "no_memory", "%s", out_of_memory);
        return;
    }
    if (th_json_explain(text, depth, code == simdjson::NUMBER_ERROR, error)) return;
    (void)th_error_set(error, "bad_json", "not valid JSON: %s", simdjson::error_message(code));
}

/* Parses what lies in the scratch text. */
th_json_document_t *parse_scratch(th_json_parser_t *parser, size_t length,
                                  const th_json_limits_t *limits, uint32_t depth,
                                  th_error_t *error) noexcept {
    simdjson::error_code code =
        parser->simd->parse_into_document(parser->scratch, parser->text.get(), length, false)
            .error();
    if (code != simdjson::SUCCESS) {
        refuse(th_slice(parser->text.get(), length), depth, code, error);
        return nullptr;
    }
    uint64_t string_bytes;
    const char *strings = reinterpret_cast<const char *>(parser->scratch.string_buf.get());
    if (!th_tape_check(parser->scratch.tape.get(), strings, limits, &string_bytes, error)) {
        /* The tape has no positions; for depth, the text has. */
        if (error && std::strcmp(error->code, "too_deep") == 0)
            (void)th_json_explain(th_slice(parser->text.get(), length), depth, false, error);
        return nullptr;
    }
    th_json_document_t *document = copy_scratch(parser->scratch, string_bytes, limits);
    if (!document) (void)th_error_set(error, "no_memory", "%s", out_of_memory);
    return document;
}

} // namespace

extern "C" {

const th_json_limits_t th_json_limits_request = {1 << 20, 64, 100000, true, true};
const th_json_limits_t th_json_limits_answer = {8 << 20, 64, 2000000, false, false};

th_json_parser_t *th_json_parser_new(void) {
    return new (std::nothrow) th_json_parser_t{nullptr, {}, nullptr, 0};
}

void th_json_parser_free(th_json_parser_t *parser) {
    delete parser;
}

th_json_document_t *th_json_parse(th_json_parser_t *parser, th_slice_t text,
                                  const th_json_limits_t *limits, th_error_t *error) {
    /* simdjson's offsets have 32 bits. */
    if (text.length > limits->bytes || text.length > UINT32_MAX / 2) {
        (void)th_error_set(error, "too_large", "the JSON has %zu bytes; at most %zu are accepted",
                           text.length, limits->bytes);
        return nullptr;
    }
    if (text.length == 0) {
        (void)th_error_set(error, "bad_json", "the text is empty; a JSON value is needed");
        return nullptr;
    }
    if (!reserve_scratch(parser, text.length)) {
        (void)th_error_set(error, "no_memory", "%s", out_of_memory);
        return nullptr;
    }
    std::memcpy(parser->text.get(), text.data, text.length);
    std::memset(parser->text.get() + text.length, 0, simdjson::SIMDJSON_PADDING);
    uint32_t depth = limits->depth < TH_TAPE_MAX_DEPTH ? limits->depth : TH_TAPE_MAX_DEPTH;
    th_json_document_t *document = parse_scratch(parser, text.length, limits, depth, error);
    if (limits->wipe) {
        wipe(parser->text.get(), text.length);
        /* Strings take at most 5/3 of the text: a length and a NUL for each (simdjson's bound). */
        wipe(parser->scratch.string_buf.get(), 5 * text.length / 3);
    }
    if (parser->capacity > kept_capacity) release_scratch(parser);
    return document;
}

} // extern "C"
