/* multipart.c - see multipart.h. By hand and not with curl_mime: a part of libcurl's belongs to an
 * easy handle, which a queued request does not have yet (loop/fetch_internal.h), its boundary is
 * drawn without a cryptographic source, and its rules for names are older than ours. What is left
 * is a few lines of text. */
#include "tallyfy/multipart.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "json/text.h"

#define BOUNDARY_PREFIX "----tallyhost-"
#define EXTENSION_MAX 16 /* bytes, dot included: a longer one is cut like the rest */

static const char *boundary_of(const th_multipart_t *form) {
    return strchr(form->type, '=') + 1;
}

void th_multipart_begin(th_multipart_t *form, th_buffer_t *body) {
    char id[TH_ID_SIZE];
    th_random_id(id);
    *form = (th_multipart_t){.body = body};
    (void)snprintf(form->type, sizeof form->type, "multipart/form-data; boundary=%s%s",
                   BOUNDARY_PREFIX, id);
    th_buffer_clear(body);
}

static bool is_alphanumeric(char byte) {
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static bool consists_of(th_slice_t text, size_t most, const char *marks) {
    if (text.length == 0 || text.length > most) return false;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (!is_alphanumeric(byte) && (byte == '\0' || !strchr(marks, byte))) return false;
    }
    return true;
}

/* "type/subtype", without parameters. */
static bool is_media_type(th_slice_t type) {
    const char *slash = type.length ? memchr(type.data, '/', type.length) : NULL;
    if (!slash) return false;
    size_t before = (size_t)(slash - type.data);
    return consists_of(th_slice(type.data, before), 63, "!#$&^_.+-") &&
           consists_of(th_slice(slash + 1, type.length - before - 1), 63, "!#$&^_.+-");
}

static bool begin_part(th_multipart_t *form, th_slice_t name, th_error_t *error) {
    if (!consists_of(name, 64, "_.-[]")) {
        return th_error_set(error, "bad_request",
                            "the name of a part must have 1 to 64 of A-Z a-z 0-9 _ . - [ ]");
    }
    if (form->parts == TH_MULTIPART_PARTS) {
        return th_error_set(error, "bad_request", "a form may have %d parts", TH_MULTIPART_PARTS);
    }
    th_buffer_add_text(form->body, form->parts++ ? "\r\n--" : "--");
    th_buffer_add_text(form->body, boundary_of(form));
    th_buffer_add_text(form->body, "\r\nContent-Disposition: form-data; name=\"");
    th_buffer_add_slice(form->body, name);
    return true;
}

bool th_multipart_text(th_multipart_t *form, th_slice_t name, th_slice_t value, th_error_t *error) {
    if (!begin_part(form, name, error)) return false;
    if (value.length > TH_MULTIPART_OVERHEAD / 2) {
        return th_error_set(error, "bad_request", "the part %.*s has more than %d bytes",
                            (int)name.length, name.data, TH_MULTIPART_OVERHEAD / 2);
    }
    th_buffer_add_text(form->body, "\"\r\n\r\n");
    th_buffer_add_slice(form->body, value);
    return true;
}

bool th_multipart_file(th_multipart_t *form, th_slice_t name, th_slice_t filename, th_slice_t type,
                       th_error_t *error) {
    if (!is_media_type(type)) {
        return th_error_set(error, "bad_request",
                            "the type must be a media type such as application/pdf");
    }
    if (!begin_part(form, name, error)) return false;
    th_buffer_add_text(form->body, "\"; filename=\"");
    th_buffer_add_slice(form->body, filename);
    th_buffer_add_text(form->body, "\"\r\nContent-Type: ");
    th_buffer_add_slice(form->body, type);
    th_buffer_add_text(form->body, "\r\n\r\n");
    return true;
}

bool th_multipart_end(th_multipart_t *form, th_error_t *error) {
    th_buffer_add_text(form->body, "\r\n--");
    th_buffer_add_text(form->body, boundary_of(form));
    if (th_buffer_add_text(form->body, "--\r\n")) return true;
    return th_error_set(error, "too_large", "the form is too large, or there was no memory for it");
}

/* ---- names of files ---- */

/* The length of the character at <at>, which is valid UTF-8, and what it is. */
static size_t read_character(const char *at, unsigned *character) {
    const unsigned char *byte = (const unsigned char *)at;
    size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    *character = length == 1 ? byte[0] : byte[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        *character = *character << 6 | (byte[i] & 0x3fu);
    return length;
}

/* What ends a header or a quoted name, what no file system takes, and what makes a name look like
 * another: marks of direction turn "gpj.exe" into "exe.jpg", and zero-width ones are not seen. */
static bool is_unwanted(unsigned character) {
    if (character < 0x20 || (character >= 0x7f && character < 0xa0)) return true;
    if (character < 0x80) return strchr("\"'`<>|:*?", (int)character) != NULL;
    return (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0x061c ||
           character == 0xfeff || (character >= 0xfff9 && character <= 0xffff) ||
           character == 0xad || character == 0x180e ||
           (character >= 0xe0000 && character <= 0xe007f);
}

static bool is_edge(char byte) {
    return byte == ' ' || byte == '.';
}

static th_slice_t trimmed(th_slice_t text) {
    while (text.length && is_edge(text.data[0]))
        text = th_slice(text.data + 1, text.length - 1);
    while (text.length && is_edge(text.data[text.length - 1]))
        text.length--;
    return text;
}

/* Down to <most> bytes, at the beginning of a character. */
static size_t cut_length(th_slice_t text, size_t most) {
    if (text.length <= most) return text.length;
    while (most > 0 && ((unsigned char)text.data[most] & 0xc0) == 0x80)
        most--;
    return most;
}

static th_slice_t without_path(th_slice_t name) {
    for (size_t i = name.length; i > 0; i--) {
        char byte = name.data[i - 1];
        if (byte == '/' || byte == '\\') return th_slice(name.data + i, name.length - i);
    }
    return name;
}

static size_t extension_length(th_slice_t name) {
    const char *dot = name.length ? memrchr(name.data, '.', name.length) : NULL;
    size_t length = dot ? (size_t)(name.data + name.length - dot) : 0;
    return length <= EXTENSION_MAX ? length : 0;
}

size_t th_multipart_filename(th_slice_t given, char out[static TH_MULTIPART_NAME_MAX + 1]) {
    out[0] = '\0';
    if (!th_json_utf8_valid(given)) return 0;
    th_slice_t name = trimmed(without_path(given));
    size_t extension = extension_length(name);
    size_t stem =
        cut_length(th_slice(name.data, name.length - extension), TH_MULTIPART_NAME_MAX - extension);
    size_t written = 0;
    for (size_t at = 0, length; at < name.length; at += length) {
        if (at == stem) at = name.length - extension; /* what was cut out */
        if (at == name.length) break;
        unsigned character;
        length = read_character(name.data + at, &character);
        if (is_unwanted(character)) {
            out[written++] = '_';
        } else {
            memcpy(out + written, name.data + at, length);
            written += length;
        }
    }
    while (written > 0 && is_edge(out[written - 1])) /* where it was cut */
        written--;
    out[written] = '\0';
    return written;
}
