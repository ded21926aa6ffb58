#include "PlaygroundPage.h"

// The opening tags of style and script are here and not in the files: the line feed at the end of a file would become a
// part of the style or script, and change its hash.

static const unsigned char head[] = {
#embed "head.html"
    , '<', 's', 't', 'y', 'l', 'e', '>'
};
static const unsigned char style[] = {
#embed "style.css"
};
static const unsigned char body[] = {
#embed "body.html"
    , '<', 's', 'c', 'r', 'i', 'p', 't', '>'
};
// One script. Only the last file does anything when the page loads.
static const unsigned char script[] = {
#embed "elements.js"
    ,
#embed "markdown.js"
    ,
#embed "stream.js"
    ,
#embed "snippets.js"
    ,
#embed "settings.js"
    ,
#embed "answer.js"
    ,
#embed "chat.js"
};
static const unsigned char end[] = {
#embed "end.html"
};

const struct playground_part playground_head = {head, sizeof head};
const struct playground_part playground_style = {style, sizeof style};
const struct playground_part playground_body = {body, sizeof body};
const struct playground_part playground_script = {script, sizeof script};
const struct playground_part playground_end = {end, sizeof end};
