// The floor: only what a relay on libcurl has to do, in plain C. The proxy is compared with it.
//
//     next ──▶ event's body ──▶ upstream ──▶ buffer ──▶ response
//
// One thread, one multi handle, epoll. A slot has three transfers that follow or feed one another; with
// AWS_LAMBDA_MAX_CONCURRENCY=N there are N slots on the same loop. Nothing is checked, configured, timed or logged, and
// any failure ends the process.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#include "event_body.h"

enum { buffer_size = 64 * 1024, url_size = 256 };

// What one invocation needs. All of it is reused for the next one.
struct slot {
    CURL *next, *upstream, *response;
    char *event;
    size_t event_length, event_room;
    struct slot *next_with_head;
    char url[url_size];
    size_t start, end;
    char upstream_paused, upstream_done, response_paused;
    char buffer[buffer_size];
};

static const char id_header[] = "lambda-runtime-aws-request-id:";
static CURLM *multi;
static const char *runtime_api;
static struct slot *slots_with_head;
static struct curl_slist *upstream_headers, *response_headers;
static int epoll;
static long timeout = -1;  // in milliseconds; 0 for at once, -1 for none

__attribute__((noreturn)) static void fail(const char *what, const char *detail) {
    fprintf(stderr, "floor: %s %s\n", what, detail);
    exit(1);
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (!value) fail("missing variable", name);
    return value;
}

// MARK: What libcurl calls

static size_t keep_event(char *bytes, size_t one, size_t count, void *context) {
    (void)one;
    struct slot *slot = context;
    if (slot->event_length + count >= slot->event_room) {
        slot->event_room = 2 * (slot->event_length + count) + 4096;
        slot->event = realloc(slot->event, slot->event_room);
        if (!slot->event) fail("out of", "memory");
    }
    memcpy(slot->event + slot->event_length, bytes, count);
    slot->event_length += count;
    slot->event[slot->event_length] = 0;
    return count;
}

// Without curl_easy_header, which a small libcurl may not have.
static size_t see_id(char *line, size_t one, size_t count, void *context) {
    struct slot *slot = context;
    size_t name = strlen(id_header);
    if (count <= name || strncasecmp(line, id_header, name)) return one * count;
    const char *id = line + name + strspn(line + name, " ");
    int length = (int)strcspn(id, "\r\n");
    const char *form = "http://%s/2018-06-01/runtime/invocation/%.*s/response";
    snprintf(slot->url, url_size, form, runtime_api, length, id);
    return one * count;
}

// The empty line ends the upstream's head. The prelude is written here; the response begins after libcurl has returned.
static size_t see_head(char *line, size_t one, size_t count, void *context) {
    struct slot *slot = context;
    if (count > 2 || line[0] != '\r') return one * count;
    long status;
    char *type;
    curl_easy_getinfo(slot->upstream, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(slot->upstream, CURLINFO_CONTENT_TYPE, &type);
    const char *prelude = "{\"statusCode\":%ld,\"headers\":{\"content-type\":\"%.512s\"}}";
    slot->end = (size_t)snprintf(slot->buffer, 1024, prelude, status, type ? type : "application/octet-stream");
    memset(slot->buffer + slot->end, 0, 8);
    slot->end += 8;
    slot->next_with_head = slots_with_head;
    slots_with_head = slot;
    return count;
}

// libcurl passes at most 16 KB, and passes them again after a pause.
static size_t fill(char *bytes, size_t one, size_t count, void *context) {
    (void)one;
    struct slot *slot = context;
    if (count > buffer_size - slot->end) {
        if (count > buffer_size - (slot->end - slot->start)) {
            slot->upstream_paused = 1;
            return CURL_WRITEFUNC_PAUSE;
        }
        memmove(slot->buffer, slot->buffer + slot->start, slot->end - slot->start);
        slot->end -= slot->start;
        slot->start = 0;
    }
    memcpy(slot->buffer + slot->end, bytes, count);
    slot->end += count;
    if (slot->response_paused) {
        slot->response_paused = 0;
        curl_easy_pause(slot->response, CURLPAUSE_CONT);
    }
    return count;
}

static size_t drain(char *bytes, size_t one, size_t room, void *context) {
    struct slot *slot = context;
    size_t count = slot->end - slot->start;
    if (count == 0) {
        if (slot->upstream_done) return 0;
        slot->response_paused = 1;
        return CURL_READFUNC_PAUSE;
    }
    if (count > one * room) count = one * room;
    memcpy(bytes, slot->buffer + slot->start, count);
    slot->start += count;
    if (slot->start == slot->end) slot->start = slot->end = 0;
    if (slot->upstream_paused && slot->end - slot->start <= buffer_size / 2) {
        slot->upstream_paused = 0;
        curl_easy_pause(slot->upstream, CURLPAUSE_CONT);  // calls `fill` before it returns
    }
    return count;
}

static size_t ignore(char *bytes, size_t one, size_t count, void *context) {
    (void)bytes, (void)context;
    return one * count;
}

static int set_interest(CURL *easy, curl_socket_t fd, int what, void *context, void *is_known) {
    (void)easy, (void)context;
    struct epoll_event event = {.data.fd = fd};
    if (what != CURL_POLL_REMOVE) {
        event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
        epoll_ctl(epoll, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
        curl_multi_assign(multi, fd, &epoll);
    } else {
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
    }
    return 0;
}

static int set_timeout(CURLM *handle, long after, void *context) {
    (void)handle, (void)context;
    timeout = after;
    return 0;
}

// MARK: The loop

static void add(CURL *easy) {
    if (curl_multi_add_handle(multi, easy)) fail("libcurl takes no", "transfer");
}

static void ask_upstream(struct slot *slot) {
    if (!slot->url[0]) fail("no header", id_header);
    size_t length;
    char *body = find_body(slot->event, &length);
    if (!body) fail("no body in", slot->event);
    curl_easy_setopt(slot->upstream, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(slot->upstream, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    slot->start = slot->end = 0;
    slot->upstream_done = slot->upstream_paused = slot->response_paused = 0;
    add(slot->upstream);
}

static void go_on(void) {
    for (; slots_with_head; slots_with_head = slots_with_head->next_with_head) {
        curl_easy_setopt(slots_with_head->response, CURLOPT_URL, slots_with_head->url);
        add(slots_with_head->response);
    }
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left))) {
        CURL *easy = message->easy_handle;
        if (message->data.result) fail("a transfer failed:", curl_easy_strerror(message->data.result));
        struct slot *slot;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
        curl_multi_remove_handle(multi, easy);
        if (easy == slot->next) {
            ask_upstream(slot);
        } else if (easy == slot->upstream) {
            slot->upstream_done = 1;
            if (slot->response_paused) curl_easy_pause(slot->response, CURLPAUSE_CONT);
            slot->response_paused = 0;
        } else {
            if (!slot->upstream_done) fail("the response ended before", "the upstream");
            slot->event_length = 0;
            slot->url[0] = 0;
            add(slot->next);
        }
    }
}

// The end of a pause has a timeout of 0. Longer ones are for connections that can't be made, so it doesn't matter that
// they start again with each turn.
static void turn(void) {
    struct epoll_event events[64];
    int running, count = timeout == 0 ? 0 : epoll_wait(epoll, events, 64, (int)timeout);
    for (int i = 0; i < count; i++) {
        uint32_t seen = events[i].events;
        int what = (seen & EPOLLIN ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0)
            | (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(multi, events[i].data.fd, what, &running);
    }
    if (count == 0 || timeout == 0) {
        timeout = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    go_on();
}

// MARK: The start

static CURL *make_transfer(struct slot *slot, const char *url, curl_write_callback write) {
    CURL *easy = curl_easy_init();
    if (!easy) fail("libcurl has no", "handle");
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // saves two system calls for each of libcurl's
    return easy;
}

static void start(struct slot *slot, const char *next_url, const char *upstream_url) {
    slot->next = make_transfer(slot, next_url, keep_event);
    curl_easy_setopt(slot->next, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(slot->next, CURLOPT_HEADERFUNCTION, see_id);
    curl_easy_setopt(slot->next, CURLOPT_HEADERDATA, slot);

    slot->upstream = make_transfer(slot, upstream_url, fill);
    curl_easy_setopt(slot->upstream, CURLOPT_BUFFERSIZE, (long)buffer_size);  // reads of 16 KB cost a tenth more
    curl_easy_setopt(slot->upstream, CURLOPT_HEADERFUNCTION, see_head);
    curl_easy_setopt(slot->upstream, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(slot->upstream, CURLOPT_HTTPHEADER, upstream_headers);

    slot->response = make_transfer(slot, next_url, ignore);  // each invocation has a URL of its own
    curl_easy_setopt(slot->response, CURLOPT_POST, 1L);
    curl_easy_setopt(slot->response, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(slot->response, CURLOPT_READFUNCTION, drain);
    curl_easy_setopt(slot->response, CURLOPT_READDATA, slot);
    curl_easy_setopt(slot->response, CURLOPT_HTTPHEADER, response_headers);
    add(slot->next);
}

static struct curl_slist *list(const char *const *headers) {
    struct curl_slist *list = NULL;
    for (; *headers; headers++) list = curl_slist_append(list, *headers);
    return list;
}

int main(void) {
    char next_url[url_size], upstream_url[url_size];
    runtime_api = variable("AWS_LAMBDA_RUNTIME_API");
    snprintf(next_url, url_size, "http://%s/2018-06-01/runtime/invocation/next", runtime_api);
    snprintf(upstream_url, url_size, "http://127.0.0.1:%s/v1/chat/completions", variable("UPSTREAM_PORT"));
    // Before a large or chunked body libcurl would send `Expect` and wait a second for the answer.
    upstream_headers = list((const char *const[]){
        "content-type: application/json", "authorization: Bearer upstream-token", "expect:", NULL});
    response_headers = list((const char *const[]){
        "lambda-runtime-function-response-mode: streaming", "transfer-encoding: chunked",
        "content-type: application/vnd.awslambda.http-integration-response", "expect:", NULL});

    const char *concurrency = getenv("AWS_LAMBDA_MAX_CONCURRENCY");
    long slot_count = concurrency ? atol(concurrency) : 1;
    struct slot *slots = slot_count > 0 ? calloc((size_t)slot_count, sizeof *slots) : NULL;
    if (!slots) fail("bad AWS_LAMBDA_MAX_CONCURRENCY", concurrency);

    curl_global_init(CURL_GLOBAL_NOTHING);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_interest);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timeout);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 2 * slot_count);
    for (long i = 0; i < slot_count; i++) start(&slots[i], next_url, upstream_url);
    for (;;) turn();
}
