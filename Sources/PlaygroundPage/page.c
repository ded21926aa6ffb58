#include "PlaygroundPage.h"

static const unsigned char head[] = {
#embed "head.html"
};
static const unsigned char style[] = {
#embed "style.css"
};
static const unsigned char body[] = {
#embed "body.html"
};
// One script. Each file uses only what stands above it here.
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
