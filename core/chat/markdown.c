/* markdown.c - cmark, with images taken out. */
#include "chat/markdown.h"

#include <cmark.h>
#include <stdlib.h>

#define IMAGES_MAX 200

/* Every quote and bracket that could end a text or an attribute. */
static bool add_escaped(th_buffer_t *out, th_slice_t text) {
    for (size_t i = 0; i < text.length; i++) {
        switch (text.data[i]) {
        case '<': (void)th_buffer_add_text(out, "&lt;"); break;
        case '>': (void)th_buffer_add_text(out, "&gt;"); break;
        case '&': (void)th_buffer_add_text(out, "&amp;"); break;
        case '"': (void)th_buffer_add_text(out, "&quot;"); break;
        default: (void)th_buffer_add_byte(out, text.data[i]); break;
        }
    }
    return !out->failed;
}

/* The same place, but to be clicked. Its description is its text. */
static bool make_link(cmark_node *image) {
    cmark_node *link = cmark_node_new(CMARK_NODE_LINK);
    if (!link) return false;
    (void)cmark_node_set_url(link, cmark_node_get_url(image));
    (void)cmark_node_set_title(link, cmark_node_get_title(image));
    if (!cmark_node_first_child(image)) {
        cmark_node *word = cmark_node_new(CMARK_NODE_TEXT);
        if (word) {
            (void)cmark_node_set_literal(word, "image");
            (void)cmark_node_append_child(link, word);
        }
    }
    for (cmark_node *child; (child = cmark_node_first_child(image));)
        if (!cmark_node_append_child(link, child)) cmark_node_free(child);
    if (!cmark_node_replace(image, link)) cmark_node_free(link);
    cmark_node_free(image);
    return true;
}

static bool take_out_images(cmark_node *document) {
    cmark_iter *walk = cmark_iter_new(document);
    cmark_event_type event;
    bool fine = walk != NULL;
    /* Replaced on the way out, when the walk is past all that is inside. */
    while (fine && (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(walk);
        if (event == CMARK_EVENT_EXIT && cmark_node_get_type(node) == CMARK_NODE_IMAGE)
            fine = make_link(node);
    }
    if (walk) cmark_iter_free(walk);
    return fine;
}

/* cmark walks over all images that are still open at the end of each link: 1.2 s for 128 KB of
 * "![[]()" (0.30.2). */
static bool takes_long(th_slice_t text) {
    unsigned images = 0;
    for (size_t i = 1; i < text.length && images <= IMAGES_MAX; i++)
        if (text.data[i] == '[' && text.data[i - 1] == '!') images++;
    return text.length > TH_MARKDOWN_MAX || images > IMAGES_MAX;
}

bool th_markdown_html(th_buffer_t *out, th_slice_t text) {
    if (text.length == 0) return true;
    if (takes_long(text))
        return th_buffer_add_text(out, "<pre>") && add_escaped(out, text) &&
               th_buffer_add_text(out, "</pre>\n");
    cmark_node *document = cmark_parse_document(text.data, text.length, CMARK_OPT_VALIDATE_UTF8);
    char *html =
        document && take_out_images(document) ? cmark_render_html(document, CMARK_OPT_SAFE) : NULL;
    bool done = html && th_buffer_add_text(out, html);
    free(html);
    if (document) cmark_node_free(document);
    return done;
}
