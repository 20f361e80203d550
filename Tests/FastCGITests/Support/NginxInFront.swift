import Foundation

/// Two hops of nginx between a client and a server's socket, as in production: a gateway, and the pod's own nginx.
final class NginxInFront {
    static let program = "/usr/sbin/nginx"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private let process = Process()
    private let socket: String

    init(of server: String) throws {
        let directory = (server as NSString).deletingLastPathComponent
        socket = directory + "/http"
        let inner = directory + "/inner"
        let configuration = """
            daemon off; pid "\(directory)/nginx.pid"; error_log "\(directory)/error.log";
            \(geteuid() == 0 ? "user root;" : "")
            events {}
            http {
                access_log off;
                client_body_temp_path "\(directory)/body"; fastcgi_temp_path "\(directory)/fastcgi";
                proxy_temp_path "\(directory)/proxy"; scgi_temp_path "\(directory)/scgi";
                uwsgi_temp_path "\(directory)/uwsgi";
                server {
                    listen "unix:\(socket)";
                    location / {
                        proxy_http_version 1.1;
                        proxy_set_header Host localhost;
                        proxy_pass "http://unix:\(inner):";
                    }
                }
                server {
                    listen "unix:\(inner)";
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param REQUEST_URI $request_uri;
                    fastcgi_param CONTENT_LENGTH $content_length;
                    fastcgi_pass_header X-Accel-Buffering;
                    location / { fastcgi_pass "unix:\(server)"; }
                }
            }
            """
        try configuration.write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-e", directory + "/error.log", "-p", directory, "-c", directory + "/nginx.conf"]
        try process.run()
        // nginx tells nobody when it listens.
        let listens = look { !process.isRunning || (try? Peer(path: socket)) != nil }
        guard listens, process.isRunning else { throw Peer.Failure(what: "nginx does not listen") }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// A curl that has been started.
    func client(path: String) throws -> Client { try Client(socket: socket, path: path) }

    final class Client {
        private let process = Process()
        private let output = Pipe()

        fileprivate init(socket: String, path: String) throws {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "curl", "--silent", "--no-buffer", "--max-time", "60", "--unix-socket", socket,
                "http://localhost\(path)",
            ]
            process.standardOutput = output
            try process.run()
        }

        /// The next bytes of the response, as soon as there are so many.
        func read(upTo count: Int) -> String {
            let data = (try? output.fileHandleForReading.read(upToCount: count)) ?? nil
            return String(decoding: data ?? Data(), as: UTF8.self)
        }

        /// The rest of the response, and curl's exit code.
        func end() -> (String, Int32) {
            let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
            process.waitUntilExit()
            return (String(decoding: data ?? Data(), as: UTF8.self), process.terminationStatus)
        }
    }
}
