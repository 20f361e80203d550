/* A load of GETs over TLS, HTTP/1.1, on kept connections: one thread and one connection a client, each sending its
 * next request when it has the answer to the last. It exists because wrk shows no client certificate and ab speaks
 * HTTP/1.0.
 *
 *     load PORT PATH CLIENTS SECONDS REQUESTS [PEM|-] [HEADER]
 *
 * Ends after so many seconds, or after so many requests if that is not 0. PEM: certificate and key in one file; HEADER:
 * a further header line. Prints: answers with 200, all others, seconds, and the median, the 99th percentile and the
 * longest time of one exchange in microseconds. A connection that the server closes between two answers, as nginx does
 * after a thousand, is opened anew, and the handshake counts as part of the next exchange. The server's certificate is
 * not verified: it is our own on the loopback interface, and a kept connection would verify it once.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CLIENTS = 256, BUFFER = 1 << 20 };

static SSL_CTX *context;
static int port;
static char request[4096];
static int request_length;
static uint64_t deadline;
static long most_requests;
static atomic_long sent;

struct client {
    pthread_t thread;
    uint32_t *times;
    size_t count, capacity;
    long failures;
    int descriptor;
    SSL *tls;
    char *buffer;
};

static uint64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void hang_up(struct client *client) {
    if (client->tls != NULL) {
        SSL_free(client->tls);
        close(client->descriptor);
        client->tls = NULL;
    }
}

static int call_up(struct client *client) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0) return 0;
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client->tls = SSL_new(context);
    SSL_set_fd(client->tls, client->descriptor);
    SSL_set_tlsext_host_name(client->tls, "localhost");
    return connect(client->descriptor, (struct sockaddr *)&address, sizeof address) == 0 &&
           SSL_connect(client->tls) == 1;
}

/* One exchange on the open connection: the status, or 0 if there was none. Sets `last` if the server will close. */
static int exchange(struct client *client, int *last) {
    if (SSL_write(client->tls, request, request_length) != request_length) return 0;
    size_t have = 0;
    char *body = NULL;
    while (body == NULL) {
        int more = SSL_read(client->tls, client->buffer + have, (int)(BUFFER - 1 - have));
        if (more <= 0) return 0;
        have += (size_t)more;
        client->buffer[have] = 0;
        body = strstr(client->buffer, "\r\n\r\n");
    }
    body += 4;
    size_t head = (size_t)(body - client->buffer), wanted = SIZE_MAX;
    *last = 0;
    for (char *line = strstr(client->buffer, "\r\n"); line + 4 < body; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, "content-length:", 15) == 0) wanted = strtoul(line + 17, NULL, 10);
        if (strncasecmp(line + 2, "connection: close", 17) == 0) *last = 1;
    }
    if (wanted > BUFFER - 1 - head) return 0;
    while (have < head + wanted) {
        int more = SSL_read(client->tls, client->buffer + have, (int)(head + wanted - have));
        if (more <= 0) return 0;
        have += (size_t)more;
    }
    return atoi(client->buffer + 9);
}

static void *run(void *argument) {
    struct client *client = argument;
    client->buffer = malloc(BUFFER);
    while (microseconds() < deadline && (most_requests == 0 || atomic_fetch_add(&sent, 1) < most_requests)) {
        int last = 1;
        uint64_t began = microseconds();
        int status = client->tls != NULL || call_up(client) ? exchange(client, &last) : 0;
        uint64_t took = microseconds() - began;
        if (last) hang_up(client);
        if (status != 200) {
            client->failures++;
            continue;
        }
        if (client->count == client->capacity) {
            client->capacity = client->capacity == 0 ? 65536 : client->capacity * 2;
            client->times = realloc(client->times, client->capacity * sizeof *client->times);
        }
        client->times[client->count++] = (uint32_t)took;
    }
    hang_up(client);
    free(client->buffer);
    return NULL;
}

static int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static int misused(const char *why) {
    fprintf(stderr, "load: %s\nusage: load PORT PATH CLIENTS SECONDS REQUESTS [PEM|-] [HEADER]\n", why);
    return 2;
}

int main(int count, char **arguments) {
    static struct client clients[MOST_CLIENTS];
    if (count < 6 || count > 8) return misused("five to seven arguments");
    port = atoi(arguments[1]);
    int number = atoi(arguments[3]);
    if (number < 1 || number > MOST_CLIENTS) return misused("1 to 256 clients");
    most_requests = atol(arguments[5]);
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    if (count > 6 && strcmp(arguments[6], "-") != 0 &&
        (SSL_CTX_use_certificate_chain_file(context, arguments[6]) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, arguments[6], SSL_FILETYPE_PEM) != 1))
        return misused("PEM is no certificate with its key");
    request_length = snprintf(request, sizeof request,
                              "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n%s%s\r\n",
                              arguments[2], count > 7 ? arguments[7] : "", count > 7 ? "\r\n" : "");
    if (request_length >= (int)sizeof request) return misused("the request is too long");

    uint64_t began = microseconds();
    deadline = began + (uint64_t)(atof(arguments[4]) * 1e6);
    for (int i = 0; i < number; i++) {
        if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0) return misused("too many threads");
    }
    size_t answers = 0;
    long failures = 0;
    for (int i = 0; i < number; i++) {
        pthread_join(clients[i].thread, NULL);
        answers += clients[i].count;
        failures += clients[i].failures;
    }
    double seconds = (double)(microseconds() - began) / 1e6;
    uint32_t *times = malloc((answers + 1) * sizeof *times);
    size_t filled = 0;
    times[0] = 0;
    for (int i = 0; i < number; i++) {
        memcpy(times + filled, clients[i].times, clients[i].count * sizeof *times);
        filled += clients[i].count;
    }
    qsort(times, answers, sizeof *times, ascending);
    size_t end = answers == 0 ? 0 : answers - 1;
    printf("%zu %ld %.6f ", answers, failures, seconds);
    printf("%u %u %u\n", times[end / 2], times[end * 99 / 100], times[end]);
    return 0;
}
