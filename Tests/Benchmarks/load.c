/* A load over TLS and HTTP/1.1 on kept connections: each client has one thread and one connection, and sends its next request
 * when it has the response to the last. It exists because wrk sends no client certificate, and ab uses HTTP/1.0.
 *
 *     load [-c CLIENTS] [-s SECONDS] [-r REQUESTS] [-p PEM] [-a CA] [-b BODY] HOST PORT PATH…
 *
 *     -c  how many clients, 1 to 256 (1)
 *     -s  ends after this many seconds (an hour)
 *     -r  ends after this many requests
 *     -p  a file with the clients' certificate and its key
 *     -a  a file with the CA of the server's certificate; without it the certificate is not verified
 *     -b  a file of JSON, which is sent with POST; without it the requests are GET
 *     PATH…  requested in turn by each client
 *
 * The variable LOAD_HEADER holds a further header line. It is not an argument, because other users can read those.
 *
 * Prints: responses with 200, all others, seconds, and the median, the 99th percentile and the longest time of one
 * exchange in microseconds. A connection that the server closes between two responses, as nginx does after a thousand, is
 * opened again, and the handshake counts as part of the next exchange.
 */
#include <arpa/inet.h>
#include <netdb.h>
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

enum { MOST_CLIENTS = 256, MOST_PATHS = 16, BUFFER = 1 << 20, LONGEST_REQUEST = 1 << 18 };

static SSL_CTX *context;
static const char *host;
static struct addrinfo *address;
static struct request {
    char *text;
    int length;
} requests[MOST_PATHS];
static int request_count;
static uint64_t deadline;
static long most_requests;
static atomic_long sent;

struct client {
    pthread_t thread;
    int number;
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
    int on = 1;
    client->descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0) return 0;
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client->tls = SSL_new(context);
    SSL_set_fd(client->tls, client->descriptor);
    X509_VERIFY_PARAM *expected = SSL_get0_param(client->tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, host) != 1) {
        SSL_set_tlsext_host_name(client->tls, host);
        X509_VERIFY_PARAM_set1_host(expected, host, 0);
    }
    return connect(client->descriptor, address->ai_addr, address->ai_addrlen) == 0 && SSL_connect(client->tls) == 1;
}

/* One exchange on the open connection: the status, or 0 if there was none. Sets `last` if the server will close. */
static int exchange(struct client *client, const struct request *request, int *last) {
    if (SSL_write(client->tls, request->text, request->length) != request->length) return 0;
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
    int turn = client->number;
    while (microseconds() < deadline && (most_requests == 0 || atomic_fetch_add(&sent, 1) < most_requests)) {
        int last = 1;
        uint64_t began = microseconds();
        int status = client->tls != NULL || call_up(client) ? exchange(client, &requests[turn++ % request_count], &last) : 0;
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

static void misused(const char *why) {
    fprintf(stderr, "load: %s\nusage: load [-c CLIENTS] [-s SECONDS] [-r REQUESTS] [-p PEM] [-a CA] [-b BODY] "
                    "HOST PORT PATH...\n", why);
    exit(2);
}

/* The whole request for a path, with the file's text as its body if there is one. */
static struct request request_for(const char *path, const char *body_file) {
    struct request request = {.text = malloc(LONGEST_REQUEST)};
    static char body[LONGEST_REQUEST];
    size_t length = 0;
    if (body_file != NULL) {
        FILE *file = fopen(body_file, "rb");
        if (file == NULL) misused("BODY cannot be read");
        length = fread(body, 1, sizeof body, file);
        fclose(file);
    }
    const char *header = getenv("LOAD_HEADER");
    request.length = snprintf(request.text, LONGEST_REQUEST,
                              "%s %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n%s%s",
                              body_file == NULL ? "GET" : "POST", path, header == NULL ? "" : header,
                              header == NULL ? "" : "\r\n");
    if (body_file != NULL && request.length < LONGEST_REQUEST)
        request.length += snprintf(request.text + request.length, (size_t)(LONGEST_REQUEST - request.length),
                                   "Content-Type: application/json\r\nContent-Length: %zu\r\n", length);
    if ((size_t)request.length + 2 + length >= LONGEST_REQUEST) misused("the request is too long");
    memcpy(request.text + request.length, "\r\n", 2);
    memcpy(request.text + request.length + 2, body, length);
    request.length += 2 + (int)length;
    return request;
}

int main(int count, char **arguments) {
    static struct client clients[MOST_CLIENTS];
    const char *pem = NULL, *authority = NULL, *body = NULL;
    int number = 1;
    double limit = 3600;
    for (int option; (option = getopt(count, arguments, "c:s:r:p:a:b:")) != -1;) switch (option) {
        case 'c': number = atoi(optarg); break;
        case 's': limit = atof(optarg); break;
        case 'r': most_requests = atol(optarg); break;
        case 'p': pem = optarg; break;
        case 'a': authority = optarg; break;
        case 'b': body = optarg; break;
        default: misused("an option that there is not, or without its value");
    }
    if (number < 1 || number > MOST_CLIENTS) misused("1 to 256 clients");
    request_count = count - optind - 2;
    if (request_count < 1 || request_count > MOST_PATHS) misused("HOST, PORT and 1 to 16 paths");
    host = arguments[optind];
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, arguments[optind + 1], &wanted, &address) != 0) misused("HOST or PORT is not known");
    for (int i = 0; i < request_count; i++) requests[i] = request_for(arguments[optind + 2 + i], body);

    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    if (pem != NULL && (SSL_CTX_use_certificate_chain_file(context, pem) != 1 ||
                        SSL_CTX_use_PrivateKey_file(context, pem, SSL_FILETYPE_PEM) != 1))
        misused("PEM is no certificate with its key");
    if (authority != NULL) {
        if (SSL_CTX_load_verify_file(context, authority) != 1) misused("CA is no certificate");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    }

    uint64_t began = microseconds();
    deadline = began + (uint64_t)(limit * 1e6);
    for (int i = 0; i < number; i++) {
        clients[i].number = i;
        if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0) misused("too many threads");
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
