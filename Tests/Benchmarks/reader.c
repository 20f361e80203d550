/* The least a responder can do for GET config: it asks the cluster for the tool's object with libcurl, and answers with
 * the object's spec in an envelope. What FastCGI, HTTPS and JSON cost without a service; the anchor of the goals of
 * `ci/bench config`.
 *
 *     reader    with the listening socket as descriptor 0
 *
 * Reads from the environment: OBJECT_URL, the object's URL with {tool} where the tool's name belongs; CLUSTER_CA, the
 * file of the authority that the cluster's certificate must be of; CLUSTER_PEM, a file with a client certificate and its
 * key, or CLUSTER_HEADER, the header field with the token.
 *
 * Each thread serves one exchange at a time and keeps one connection to the cluster. It identifies the client as the
 * service does, by nginx's parameters: 401 without a tool's certificate, 403 with another tool's. Other statuses than 200
 * of the cluster become 502. It does not parse the object, it only finds the value of its key spec.
 */
#include <curl/curl.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many exchanges at once as ci/bench has clients, and some more. */
enum { THREADS = 32, LONGEST_ANSWER = 1 << 20, LONGEST_URL = 4096 };

struct worker {
    CURL *curl;
    size_t length;
    char object[LONGEST_ANSWER];
};

static void fail(const char *why) {
    fprintf(stderr, "reader: %s\n", why);
    exit(1);
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    struct worker *worker = context;
    size_t more = size * count;
    if (more > LONGEST_ANSWER - worker->length) return 0;
    memcpy(worker->object + worker->length, bytes, more);
    worker->length += more;
    return more;
}

/* The end of the JSON string that begins at `at`, behind its closing quotation mark. */
static const char *end_of_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : end;
}

/* The value of the key spec of the object's outermost level; its length, or 0 if there is none. The API server writes
 * JSON without white space. */
static size_t find_spec(const char *object, size_t length, const char **spec) {
    static const char key[] = "\"spec\":";
    const char *end = object + length, *begin = NULL;
    for (int depth = 0; object < end;) {
        int may_begin = depth == 1 && begin == NULL && (size_t)(end - object) >= sizeof key;
        if (may_begin && memcmp(object, key, sizeof key - 1) == 0) {
            object += sizeof key - 1;
            begin = object;
        } else if (*object == '"') {
            object = end_of_string(object, end);
        } else {
            depth += (*object == '{' || *object == '[') - (*object == '}' || *object == ']');
            if (begin != NULL && (depth == 0 || (depth == 1 && *object == ','))) break;
            object++;
        }
    }
    if (begin == NULL) return 0;
    *spec = begin;
    return (size_t)(object - begin);
}

static void refuse(FCGX_Stream *out, const char *status, const char *why) {
    FCGX_FPrintF(out, "Status: %s\r\nContent-Type: application/json\r\n\r\n", status);
    FCGX_FPrintF(out, "{\"messages\":{\"info\":[],\"warning\":[],\"error\":[\"%s\"]}}\n", why);
}

/* The tool of the path /api/v1/tool/TOOL/config; NULL for any other path. */
static const char *tool_of(const char *path, int *length) {
    static const char prefix[] = "/api/v1/tool/";
    if (path == NULL || strncmp(path, prefix, sizeof prefix - 1) != 0) return NULL;
    const char *tool = path + sizeof prefix - 1, *end = strchr(tool, '/');
    if (end == NULL || strncmp(end, "/config", 7) != 0 || (end[7] != 0 && end[7] != '?')) return NULL;
    *length = (int)(end - tool);
    return tool;
}

static void serve(struct worker *worker, FCGX_Request *request) {
    const char *verified = FCGX_GetParam("SSL_CLIENT_VERIFY", request->envp);
    const char *subject = FCGX_GetParam("SSL_CLIENT_S_DN", request->envp);
    int length = 0;
    const char *tool = tool_of(FCGX_GetParam("REQUEST_URI", request->envp), &length);
    char wanted[128], url[LONGEST_URL];
    if (tool == NULL) {
        refuse(request->out, "404 Not Found", "there is no such path");
        return;
    }
    if (verified == NULL || strcmp(verified, "SUCCESS") != 0 || subject == NULL) {
        refuse(request->out, "401 Unauthorized", "a client certificate of a tool is needed");
        return;
    }
    snprintf(wanted, sizeof wanted, "CN=%.*s,O=toolforge", length, tool);
    if (strcmp(subject, wanted) != 0) {
        refuse(request->out, "403 Forbidden", "the certificate is another tool's");
        return;
    }
    size_t used = 0;
    for (const char *at = getenv("OBJECT_URL"); *at != 0 && used + (size_t)length + 1 < sizeof url;) {
        if (strncmp(at, "{tool}", 6) == 0) {
            memcpy(url + used, tool, (size_t)length);
            used += (size_t)length;
            at += 6;
        } else {
            url[used++] = *at++;
        }
    }
    url[used] = 0;
    worker->length = 0;
    long status = 0;
    const char *spec = NULL;
    curl_easy_setopt(worker->curl, CURLOPT_URL, url);
    size_t found = curl_easy_perform(worker->curl) == CURLE_OK &&
                           curl_easy_getinfo(worker->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200
                       ? find_spec(worker->object, worker->length, &spec)
                       : 0;
    if (found == 0) {
        refuse(request->out, "502 Bad Gateway", "the cluster did not give the config");
        return;
    }
    static const char head[] = "{\"data\":", tail[] = ",\"messages\":{\"info\":[],\"warning\":[],\"error\":[]}}\n";
    FCGX_FPrintF(request->out, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
                 (int)(found + sizeof head + sizeof tail - 2));
    FCGX_PutStr(head, sizeof head - 1, request->out);
    FCGX_PutStr(spec, (int)found, request->out);
    FCGX_PutStr(tail, sizeof tail - 1, request->out);
}

static void *work(void *argument) {
    struct worker *worker = argument;
    FCGX_Request request;
    if (FCGX_InitRequest(&request, 0, 0) != 0) fail("libfcgi could not be set up");
    while (FCGX_Accept_r(&request) == 0) {
        serve(worker, &request);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

static struct worker *new_worker(struct curl_slist *fields) {
    struct worker *worker = malloc(sizeof *worker);
    if (worker == NULL || (worker->curl = curl_easy_init()) == NULL) fail("there is not enough memory");
    const char *pem = getenv("CLUSTER_PEM");
    curl_easy_setopt(worker->curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(worker->curl, CURLOPT_CAINFO, getenv("CLUSTER_CA"));
    if (pem != NULL) {
        curl_easy_setopt(worker->curl, CURLOPT_SSLCERT, pem);
        curl_easy_setopt(worker->curl, CURLOPT_SSLKEY, pem);
    }
    /* As the service: HTTP/1.1, no redirects, a deadline. */
    curl_easy_setopt(worker->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(worker->curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(worker->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(worker->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(worker->curl, CURLOPT_WRITEDATA, worker);
    return worker;
}

int main(void) {
    const char *header = getenv("CLUSTER_HEADER");
    if (getenv("OBJECT_URL") == NULL || getenv("CLUSTER_CA") == NULL) fail("OBJECT_URL and CLUSTER_CA must be set");
    if (FCGX_Init() != 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) fail("the libraries could not be set up");
    /* libfcgi's own handler would end only the threads that wait, one for each further connection. */
    signal(SIGTERM, SIG_DFL);
    struct curl_slist *fields = curl_slist_append(NULL, "Accept: application/json");
    if (header != NULL) fields = curl_slist_append(fields, header);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, new_worker(fields)) != 0) fail("there are too few threads");
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    return 0;
}
