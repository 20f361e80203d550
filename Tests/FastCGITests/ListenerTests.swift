import Foundation
import Testing

@testable import FastCGI

@Suite struct ListenerTests {
    @Test func readsUnixAddresses() throws {
        #expect(try FastCGIListener(parsing: "unix:/run/a/b.sock") == .unix(path: "/run/a/b.sock", mode: 0o660))
        #expect(try FastCGIListener(parsing: "unix:/run/a?mode=0600") == .unix(path: "/run/a", mode: 0o600))
        #expect(try FastCGIListener(parsing: "unix:/run/a?mode=775") == .unix(path: "/run/a", mode: 0o775))
    }

    @Test func readsTCPAddresses() throws {
        #expect(try FastCGIListener(parsing: "tcp:127.0.0.1:9000") == .tcp(host: "127.0.0.1", port: 9_000))
        #expect(try FastCGIListener(parsing: "tcp:[::1]:0") == .tcp(host: "::1", port: 0))
        #expect(try FastCGIListener(parsing: "tcp:localhost:65535") == .tcp(host: "localhost", port: 65_535))
    }

    @Test(
        arguments: [
            "", "/run/a", "unix:", "unix:?mode=0660", "unix:/a?mode=0666", "unix:/a?mode=0662", "unix:/a?mode=",
            "unix:/a?mode=8",
            "unix:/a?mode=+660", "unix:/a?mode=77777", "unix:/a?x=1", "unix:/\(String(repeating: "a", count: 107))",
            "tcp:9000",
            "tcp:127.0.0.1", "tcp:127.0.0.1:65536", "tcp:127.0.0.1:-1", "tcp:example.org:9000", "tcp::9000",
            "TCP:127.0.0.1:1",
        ])
    func refusesWhatIsNoListener(_ text: String) throws {
        let error = #expect(throws: FastCGIError.self) { try FastCGIListener(parsing: text) }
        #expect(error?.code == .invalidListener)
        #expect(error?.message.isEmpty == false)
    }

    @Test func letsTheOwnUserAndRootConnect() {
        #expect(FastCGIListener.inherited().allowedUserIDs == [0, getuid()])
    }

    private func open(_ path: String, mode: UInt16 = 0o660) throws -> ListeningSocket {
        try ListeningSocket(.unix(path: path, mode: mode), backlog: 5)
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test(arguments: [0o660, 0o600, 0o770] as [UInt16])
    func givesTheSocketItsModeWhateverTheUmask(_ mode: UInt16) async throws {
        try await withTemporaryDirectory { directory in
            var socket = try open(directory + "/s", mode: mode)
            #expect(try self.mode(of: directory + "/s") == Int(mode))
            socket.close()
        }
    }

    @Test func leavesAFileThatIsNoSocket() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            try "precious".write(toFile: path, atomically: false, encoding: .utf8)
            let error = #expect(throws: FastCGIError.self) { try open(path) }
            #expect(error?.code == .addressInUse)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func leavesTheSocketOfAnInstanceThatAnswers() async throws {
        try await withTemporaryDirectory { directory in
            var first = try open(directory + "/s")
            let error = #expect(throws: FastCGIError.self) { try open(directory + "/s") }
            #expect(error?.code == .addressInUse)
            // The first one still has its address.
            _ = try Peer(path: directory + "/s")
            first.close()
        }
    }

    @Test func replacesADeadSocket() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let dead = try open(path)
            _ = Glibc.close(dead.descriptor)
            var socket = try open(path)
            _ = try Peer(path: path)
            socket.close()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func removesOnlyItsOwnFile() async throws {
        try await withTemporaryDirectory { directory in
            var socket = try open(directory + "/s")
            try FileManager.default.moveItem(atPath: directory + "/s", toPath: directory + "/t")
            try "another".write(toFile: directory + "/s", atomically: false, encoding: .utf8)
            socket.close()
            #expect(try String(contentsOfFile: directory + "/s", encoding: .utf8) == "another")
        }
    }

    @Test func tellsThePortThatTheSystemChose() throws {
        var socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), backlog: 5)
        #expect(socket.address.hasPrefix("tcp:127.0.0.1:"))
        #expect(socket.address != "tcp:127.0.0.1:0")
        #expect(socket.isLocal)
        let second = try FastCGIListener(parsing: socket.address)
        let error = #expect(throws: FastCGIError.self) { try ListeningSocket(second, backlog: 5) }
        #expect(error?.code == .addressInUse)
        socket.close()
    }

    @Test func saysHowToStartWhenNoSocketWasInherited() throws {
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        let null = Glibc.open("/dev/null", O_RDWR)
        let unbound = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        for descriptor in [ends[0], null, unbound, -1] {
            let error = #expect(throws: FastCGIError.self) {
                try ListeningSocket(.inherited(descriptor: descriptor), backlog: 5)
            }
            #expect(error?.code == .listenerUnusable)
            #expect(error?.message.contains("spawn-fcgi") == true)
        }
        for descriptor in ends + [null, unbound] { _ = close(descriptor) }
    }

    @Test func refusesAnInheritedSocketThatEverybodyMayWriteTo() async throws {
        try await withTemporaryDirectory { directory in
            var socket = try open(directory + "/s")
            #expect(chmod(directory + "/s", 0o777) == 0)
            let error = #expect(throws: FastCGIError.self) {
                try ListeningSocket(.inherited(descriptor: socket.descriptor), backlog: 5)
            }
            #expect(error?.code == .listenerUnusable)
            socket.close()
        }
    }

    @Test func leavesAnInheritedSocketToThoseWhoShareIt() async throws {
        try await withTemporaryDirectory { directory in
            var parent = try open(directory + "/s")
            var child = try ListeningSocket(.inherited(descriptor: dup(parent.descriptor)), backlog: 5)
            #expect(child.address == "unix:\(directory)/s")
            child.close()
            // Neither shut down nor unlinked: a connection still comes in.
            _ = try Peer(path: directory + "/s")
            let accepted = accept(parent.descriptor, nil, nil)
            #expect(accepted >= 0)
            _ = close(accepted)
            parent.close()
        }
    }
}
