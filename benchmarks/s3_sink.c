/* An S3 that forgets what it is sent, for measuring clients: one thread, epoll, little work.

   Each request is answered a fixed time after its last byte came, as over a line of that delay.
   PutObject counts objects, bytes and checksums; ListObjectsV2 tells what was put; HeadBucket
   finds every bucket, and every POST asks STS who is asking. Below the path /-/ it is steered:
   GET /-/stats tells the counts, POST /-/reset begins anew.

   Usage: s3_sink LATENCY_MS; it prints its port and ends with its standard input. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FDS = 65536, HEAD_BYTES = 16384, PAGE_KEYS = 1000, EVENTS = 256 };

struct connection {
    char head[HEAD_BYTES + 1];
    size_t held;      /* bytes of the head that are here */
    uint64_t missing; /* bytes of the body that are not */
    int in_body;
    uint64_t number;  /* tells a connection from an earlier one of the same descriptor */
    char *answer;
    size_t answer_bytes, sent;
};

struct object { char *key; uint64_t bytes; };
struct due { int fd; uint64_t number; uint64_t at_ns; int is_put; };

static struct connection *connections[MOST_FDS];
static struct object *objects;
static size_t object_count, object_room;
static int is_sorted;
static uint64_t *answered_ns;
static size_t answered_count, answered_room;
static uint64_t first_put_ns, put_count, put_bytes, checksummed, lists, heads, others, accepted;
static struct due queue[MOST_FDS];
static size_t queue_from, queue_to;
static uint64_t latency_ns, next_number;
static int poller, timer;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *grown(void *items, size_t *room, size_t each) {
    *room = *room ? *room * 2 : 4096;
    items = realloc(items, *room * each);
    if (!items) abort();
    return items;
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct object *)a)->key, ((const struct object *)b)->key);
}

static void sort_objects(void) {
    if (is_sorted) return;
    qsort(objects, object_count, sizeof *objects, by_key);
    is_sorted = 1;
}

static void reset(void) {
    for (size_t i = 0; i < object_count; i++) free(objects[i].key);
    object_count = answered_count = 0;
    first_put_ns = put_count = put_bytes = checksummed = lists = heads = others = accepted = 0;
}

/* The value of a header in the head, or NULL; names in the head may have any case. */
static const char *header(const char *head, const char *name) {
    size_t length = strlen(name);
    const char *line = strstr(head, "\r\n");
    for (; line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
        const char *start = line + 2;
        if (!strncasecmp(start, name, length) && start[length] == ':') {
            start += length + 1;
            while (*start == ' ') start++;
            return start;
        }
    }
    return NULL;
}

static uint64_t number_in(const char *head, const char *name, uint64_t otherwise) {
    const char *value = header(head, name);
    return value ? strtoull(value, NULL, 10) : otherwise;
}

static void close_connection(int fd) {
    free(connections[fd]->answer);
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

static void set_answer(struct connection *c, const char *more, const char *body, size_t bytes) {
    free(c->answer);
    c->answer = malloc(bytes + 512);
    if (!c->answer) abort();
    int head = snprintf(c->answer, 512,
        "HTTP/1.1 200 OK\r\nx-amz-request-id: SINK\r\n%sContent-Length: %zu\r\n\r\n",
        more, bytes);
    memcpy(c->answer + head, body, bytes);
    c->answer_bytes = (size_t)head + bytes;
    c->sent = 0;
}

static void unquote(char *text) {
    char *to = text;
    for (; *text; text++, to++) {
        unsigned code;
        if (*text == '%' && sscanf(text + 1, "%2x", &code) == 1) { *to = (char)code; text += 2; }
        else *to = *text;
    }
    *to = 0;
}

/* Copy a parameter of the query; empty without one. */
static void parameter(const char *query, const char *name, char *into, size_t room) {
    size_t length = strlen(name);
    into[0] = 0;
    while (query && *query) {
        if (!strncmp(query, name, length) && query[length] == '=') {
            query += length + 1;
            size_t bytes = strcspn(query, "&");
            snprintf(into, room, "%.*s", (int)bytes, query);
            unquote(into);
            return;
        }
        query = strchr(query, '&');
        if (query) query++;
    }
}

static void answer_listing(struct connection *c, const char *query) {
    char prefix[1024], token[64];
    parameter(query, "prefix", prefix, sizeof prefix);
    parameter(query, "continuation-token", token, sizeof token);
    sort_objects();
    size_t from = strtoull(token, NULL, 10), found = 0, used;
    char *body = malloc(512 + PAGE_KEYS * 1400);
    if (!body) abort();
    used = (size_t)sprintf(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>sink</Name>");
    size_t i = from;
    for (; i < object_count; i++) {
        if (strncmp(objects[i].key, prefix, strlen(prefix))) continue;
        if (found == PAGE_KEYS) break; /* there is a further page */
        found++;
        used += (size_t)sprintf(body + used, "<Contents><Key>%.1024s</Key><LastModified>"
            "2030-01-01T00:00:00.000Z</LastModified><ETag>&quot;00000000000000000000000000000000"
            "&quot;</ETag><Size>%llu</Size><StorageClass>STANDARD</StorageClass></Contents>",
            objects[i].key, (unsigned long long)objects[i].bytes);
    }
    used += (size_t)sprintf(body + used, "<IsTruncated>%s</IsTruncated><KeyCount>%zu</KeyCount>",
        i < object_count ? "true" : "false", found);
    if (i < object_count)
        used += (size_t)sprintf(body + used,
            "<NextContinuationToken>%zu</NextContinuationToken>", i);
    used += (size_t)sprintf(body + used, "</ListBucketResult>");
    set_answer(c, "Content-Type: application/xml\r\n", body, used);
    free(body);
    lists++;
}

static void keep_object(char *path, const char *head) {
    char *key = strchr(path + 1, '/');
    uint64_t bytes = number_in(head, "x-amz-decoded-content-length",
                               number_in(head, "content-length", 0));
    if (object_count == object_room) objects = grown(objects, &object_room, sizeof *objects);
    unquote(key ? key + 1 : path);
    objects[object_count].key = strdup(key ? key + 1 : path);
    objects[object_count++].bytes = bytes;
    is_sorted = 0;
    put_count++;
    put_bytes += bytes;
    checksummed += header(head, "x-amz-checksum-sha256") || header(head, "x-amz-checksum-crc32") ||
        header(head, "x-amz-checksum-crc64nvme") || header(head, "x-amz-checksum-crc32c") ||
        header(head, "x-amz-trailer") || header(head, "content-md5");
}

static void answer_stats(struct connection *c) {
    char body[512];
    uint64_t image_ns = answered_count ? answered_ns[answered_count - 1] - first_put_ns : 0;
    /* The two last are manifests, which are sent when all images are there. */
    uint64_t before = answered_count > 2 ? answered_ns[answered_count - 3] - first_put_ns : 0;
    int bytes = snprintf(body, sizeof body, "{\"puts\": %llu, \"put_bytes\": %llu, \"checksummed\": "
        "%llu, \"lists\": %llu, \"heads\": %llu, \"others\": %llu, \"connections\": %llu, "
        "\"all_ns\": %llu, \"all_but_two_ns\": %llu}", (unsigned long long)put_count,
        (unsigned long long)put_bytes, (unsigned long long)checksummed, (unsigned long long)lists,
        (unsigned long long)heads, (unsigned long long)others, (unsigned long long)accepted,
        (unsigned long long)image_ns, (unsigned long long)before);
    set_answer(c, "Content-Type: application/json\r\n", body, (size_t)bytes);
}

static void send_rest(int fd) {
    struct connection *c = connections[fd];
    while (c->sent < c->answer_bytes) {
        ssize_t sent = send(fd, c->answer + c->sent, c->answer_bytes - c->sent, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.fd = fd};
            epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
            return;
        }
        if (sent < 0) { close_connection(fd); return; }
        c->sent += (size_t)sent;
    }
}

static void answer_now(int fd, int is_put) {
    if (is_put) {
        if (answered_count == answered_room)
            answered_ns = grown(answered_ns, &answered_room, sizeof *answered_ns);
        answered_ns[answered_count++] = now_ns();
    }
    send_rest(fd);
}

static void set_timer(void) {
    struct itimerspec when = {0};
    if (queue_from != queue_to) {
        uint64_t at = queue[queue_from % MOST_FDS].at_ns;
        when.it_value.tv_sec = (time_t)(at / 1000000000u);
        when.it_value.tv_nsec = (long)(at % 1000000000u);
    }
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void send_due(void) {
    uint64_t now = now_ns();
    while (queue_from != queue_to && queue[queue_from % MOST_FDS].at_ns <= now) {
        struct due due = queue[queue_from++ % MOST_FDS];
        struct connection *c = connections[due.fd];
        if (c && c->number == due.number) answer_now(due.fd, due.is_put);
    }
    set_timer();
}

static void finish_request(int fd) {
    struct connection *c = connections[fd];
    char method[8] = "", path[4096] = "";
    sscanf(c->head, "%7s %4095s", method, path);
    char *query = strchr(path, '?');
    if (query) *query++ = 0;
    int is_put = 0, is_steering = !strncmp(path, "/-/", 3);
    if (is_steering) {
        if (!strcmp(path, "/-/reset")) { reset(); accepted = 1; }
        answer_stats(c);
    } else if (!strcmp(method, "PUT")) {
        is_put = 1;
        keep_object(path, c->head);
        set_answer(c, "ETag: \"00000000000000000000000000000000\"\r\n", "", 0);
    } else if (!strcmp(method, "GET")) {
        answer_listing(c, query);
    } else if (!strcmp(method, "HEAD")) {
        heads++;
        set_answer(c, "x-amz-bucket-region: us-east-1\r\n", "", 0);
    } else {
        others++;
        static const char who[] = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/"
            "doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench"
            "</Arn><UserId>BENCH</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>";
        set_answer(c, "Content-Type: text/xml\r\n", who, sizeof who - 1);
    }
    c->held = 0;
    c->in_body = 0;
    if (is_steering || !latency_ns) {
        answer_now(fd, is_put);
        return;
    }
    queue[queue_to++ % MOST_FDS] = (struct due){fd, c->number, now_ns() + latency_ns, is_put};
    if (queue_to - queue_from == 1) set_timer();
}

static void begin_body(int fd, size_t head_bytes) {
    struct connection *c = connections[fd];
    size_t beyond = c->held - head_bytes;
    c->head[head_bytes] = 0;
    c->in_body = 1;
    c->missing = number_in(c->head, "content-length", 0);
    c->missing -= beyond < c->missing ? beyond : c->missing;
    if (!first_put_ns && !strncmp(c->head, "PUT", 3)) first_put_ns = now_ns();
    if (c->missing && header(c->head, "expect"))
        send(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    if (!c->missing) finish_request(fd);
}

static void receive(int fd) {
    struct connection *c = connections[fd];
    while (c) {
        ssize_t got;
        if (c->in_body) /* what is not looked at is not copied */
            got = recv(fd, NULL, c->missing < 1u << 20 ? c->missing : 1u << 20, MSG_TRUNC);
        else
            got = recv(fd, c->head + c->held, HEAD_BYTES - c->held, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) { close_connection(fd); return; }
        if (c->in_body) {
            c->missing -= (uint64_t)got;
            if (!c->missing) finish_request(fd);
        } else {
            c->held += (size_t)got;
            c->head[c->held] = 0;
            char *end = strstr(c->head, "\r\n\r\n");
            if (end) begin_body(fd, (size_t)(end - c->head) + 4);
            else if (c->held == HEAD_BYTES) { close_connection(fd); return; }
        }
        c = connections[fd];
    }
}

static void accept_all(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int yes = 1;
        if (fd >= MOST_FDS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connections[fd] = calloc(1, sizeof **connections);
        if (!connections[fd]) abort();
        connections[fd]->number = ++next_number;
        accepted++;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

int main(int count, char **arguments) {
    latency_ns = count > 1 ? (uint64_t)(atof(arguments[1]) * 1e6) : 0;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("s3_sink");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    watch(listener);
    watch(timer);
    watch(STDIN_FILENO);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == STDIN_FILENO) return 0; /* whoever started it has ended */
            if (fd == listener) accept_all(listener);
            else if (fd == timer) {
                uint64_t times;
                if (read(timer, &times, sizeof times) < 0) continue;
                send_due();
            } else if (connections[fd]) {
                if (events[i].events & EPOLLOUT) {
                    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
                    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
                    send_rest(fd);
                }
                if (connections[fd]) receive(fd);
            }
        }
    }
}
