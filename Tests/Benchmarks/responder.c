/* The least a FastCGI responder can do: it answers every request with the bytes of a file. What libfcgi behind nginx
 * costs at all; everything above it is the service's own.
 *
 *     responder FILE    with the listening socket as descriptor 0; FILE: header lines, an empty line, the body
 */
#include <fcgiapp.h>
#include <stdio.h>

int main(int count, char **arguments) {
    static char answer[65536];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fputs("responder: the one argument must be a file that can be read\n", stderr);
        return 2;
    }
    int length = (int)fread(answer, 1, sizeof answer, file);
    fclose(file);

    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) {
        fputs("responder: libfcgi could not be set up\n", stderr);
        return 1;
    }
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutStr(answer, length, request.out);
        FCGX_Finish_r(&request);
    }
    return 0;
}
