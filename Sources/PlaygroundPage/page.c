#include "PlaygroundPage.h"

// WebPage adds the opening tags of style and script: the line feed at the end of a file would become a part of the style
// or script, and change its hash.

static const unsigned char head[] = {
#embed "head.html"
};
static const unsigned char style[] = {
#embed "style.css"
};
static const unsigned char body[] = {
#embed "body.html"
};
// One script of three parts, the second only for pages with a login. Only the second and the third do anything when the
// page loads.
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
};
static const unsigned char login[] = {
#embed "login.js"
};
static const unsigned char start[] = {
#embed "chat.js"
};
static const unsigned char end[] = {
#embed "end.html"
};

const struct playground_part playground_head = {head, sizeof head};
const struct playground_part playground_style = {style, sizeof style};
const struct playground_part playground_body = {body, sizeof body};
const struct playground_part playground_script = {script, sizeof script};
const struct playground_part playground_login = {login, sizeof login};
const struct playground_part playground_start = {start, sizeof start};
const struct playground_part playground_end = {end, sizeof end};
