import TestSupport
import Testing

@testable import FastCGI

/// The state machine alone: bytes in, actions out.
@Suite struct RecordGuardTests {
    /// Feeds everything in pieces of `size` bytes and returns what was to be done, without the `read`s.
    private func actions(
        _ bytes: [UInt8], pieces size: Int = .max, limits: RecordGuard.Limits = .init()
    ) -> [RecordGuard.Action] {
        var records = RecordGuard(limits: limits)
        return actions(bytes, pieces: size, of: &records)
    }

    private func actions(_ bytes: [UInt8], pieces size: Int = .max, of records: inout RecordGuard) -> [RecordGuard
        .Action]
    {
        var actions: [RecordGuard.Action] = []
        var start = 0
        while start < bytes.count {
            let end = size < bytes.count - start ? start + size : bytes.count
            var input = bytes[start..<end]
            loop: while true {
                let action = records.consume(&input)
                switch action {
                case .read: break loop
                case .close, .request: return actions + [action]
                case .reply: actions.append(action)
                }
            }
            start = end
        }
        return actions
    }

    private let valid: [UInt8] = .request(
        "POST", "/v1/tool/a/config", body: Array("{\"a\": 1}".utf8),
        extra: [("SSL_CLIENT_VERIFY", "SUCCESS"), ("HTTP_X", String(repeating: "x", count: 1_900))])

    @Test func passesAWholeRequest() throws {
        let result = actions(valid)
        guard case .request(let records) = try #require(result.first), result.count == 1 else {
            Issue.record("\(result)")
            return
        }
        #expect(records.id == 1)
        #expect(records.body == Array("{\"a\": 1}".utf8))
        #expect(records.bodyLength == 8)
        #expect(records.parameters.starts(with: [UInt8].pair("REQUEST_METHOD", "POST")))
    }

    @Test func readsTheSameHoweverTheBytesAreCut() {
        let whole = actions(valid)
        for size in [1, 2, 3, 7, 8, 9, 64, 1_000] { #expect(actions(valid, pieces: size) == whole) }
        for cut in 0...valid.count {
            var records = RecordGuard()
            let first = actions(Array(valid[..<cut]), of: &records)
            #expect(first == (cut == valid.count ? whole : []))
            if cut < valid.count { #expect(actions(Array(valid[cut...]), of: &records) == whole) }
        }
    }

    @Test func writesAStreamThatReadsAsTheSameRequest() throws {
        guard case .request(let records) = try #require(actions(valid).first) else { return }
        #expect(actions(records.stream) == [.request(records)])
        var large = records
        large.body = [UInt8](repeating: 7, count: 200_000)
        large.bodyLength = 200_000
        #expect(actions(large.stream) == [.request(large)])
    }

    @Test func takesNothingOfWhatComesBehindTheRequest() {
        var records = RecordGuard()
        let next: [UInt8] = .record(77) + .request()
        var input = (valid + next)[...]
        #expect([records.consume(&input)] == actions(valid))
        #expect(Array(input) == next)
    }

    @Test func passesTheSameRequestWhetherThePeerAllowsTheConnectionToStayOpenOrNot() {
        #expect(actions(.request(keep: true)) == actions(.request(keep: false)))
    }

    @Test func isIdleUntilTheFirstByteHasCome() {
        var records = RecordGuard()
        #expect(records.isIdle)
        _ = actions([1], of: &records)
        #expect(!records.isIdle)
        _ = actions(Array(valid.dropFirst()), of: &records)
        #expect(!records.isIdle)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var fault: RecordFault
        var testDescription: String { "\(fault): \(bytes.prefix(40))" }

        init(_ fault: RecordFault, _ parts: [UInt8]...) {
            bytes = Array(parts.joined())
            self.fault = fault
        }
    }

    static let refusals: [Refusal] = [
        Refusal(.version, .record(1, [0, 1, 0, 0, 0, 0, 0, 0], version: 2)),
        Refusal(.managementRecord, .record(9, id: 0, .pair("FCGI_MAX_CONNS", ""))),
        Refusal(.managementRecord, .record(9, id: 0, .pair("FCGI_MAX_CONNS", ""), padding: 4)),
        Refusal(.managementRecord, .record(77, id: 0, .pair("SSL_CLIENT_S_DN", "CN=a"))),
        Refusal(.managementRecord, .begin(id: 0)),
        Refusal(.managementRecord, .begin(), .record(77, id: 0, .pair("SSL_CLIENT_S_DN", "CN=a"))),
        Refusal(.recordType, .begin(), .record(77)),
        Refusal(.recordType, .begin(), .record(8)),
        Refusal(.recordType, .begin(), .record(3)),
        Refusal(.recordType, .begin(), .record(5)),
        Refusal(.recordType, .begin(), .record(4), .record(4)),
        Refusal(.foreignRecord, .record(4)),
        Refusal(.foreignRecord, .abort()),
        Refusal(.foreignRecord, .begin(), .record(4, id: 2)),
        Refusal(.foreignRecord, .begin(), .abort(id: 2)),
        Refusal(.begunTwice, .begin(), .begin()),
        Refusal(.aborted, .begin(), .abort()),
        Refusal(.aborted, .begin(), .record(4), .record(5, [1]), .abort()),
        Refusal(.role, .begin(role: 2)),
        Refusal(.role, .begin(role: 3)),
        Refusal(.beginBody, .record(1, [0, 1, 0, 0, 0, 0, 0])),
        Refusal(.beginBody, .record(1, [0, 1, 0, 0, 0, 0, 0, 0, 0])),
        Refusal(.parameterBytes, .begin(), .parameters(.longLength(1 << 30) + .longLength(1 << 30))),
        Refusal(.parameterBytes, .begin(), .record(4, .longLength(0x7FFF_FFFE) + .longLength(0x7FFF_FFFE))),
        Refusal(.parameterBytes, .begin(), .record(4, .longLength(0x7FFF_FFFF) + .longLength(0))),
        Refusal(.parameterBytes, .begin(), .record(4, .longLength(0x7000_0000) + .longLength(1))),
        Refusal(.parameterTruncated, .begin(), .parameters([3, 3, 65, 65])),
        Refusal(.parameterTruncated, .begin(), .parameters([3])),
        Refusal(.parameterTruncated, .begin(), .parameters([0x80, 0, 0])),
        Refusal(.parameterName, .begin(), .parameters(.pair("", "x"))),
        Refusal(.parameterName, .begin(), .parameters(.pair("A=B", "x"))),
        Refusal(.parameterName, .begin(), .parameters(.pair("A\0", "x"))),
        Refusal(.parameterName, .begin(), .parameters(.pair("A\u{212A}", "x"))),
        Refusal(.parameterName, .begin(), .parameters(.pair("A B", "x"))),
        Refusal(.parameterValue, .begin(), .parameters(.pair("A", "x\0y"))),
    ]

    @Test(arguments: refusals)
    func closesWhatNoWebServerSends(_ refusal: Refusal) {
        #expect(actions(refusal.bytes + valid) == [.close(refusal.fault)])
        #expect(actions(refusal.bytes + valid, pieces: 1) == [.close(refusal.fault)])
    }

    @Test(
        arguments: [
            "SSL_CLIENT_VERIFY", "SSL_CLIENT_S_DN", "URL_PREFIX", "CONTENT_LENGTH", "REQUEST_METHOD", "REQUEST_URI",
        ])
    func closesWhenAnUnambiguousParameterComesTwice(_ name: String) {
        let twice: [UInt8] = .begin() + .parameters(.pair(name, "1") + .pair("A", "") + .pair(name, "1"))
        #expect(actions(twice) == [.close(.parameterTwice)])
        let once: [UInt8] = .begin() + .parameters(.pair("A", "1") + .pair("A", "") + .pair(name, "1"))
        #expect(actions(once) == [])
    }

    @Test func takesAsManyParametersAsTheLimitAndNoMore() {
        func request(_ count: Int) -> [UInt8] {
            .begin() + .parameters((0..<count).flatMap { [UInt8].pair("P\($0)", "") }) + .record(5)
        }
        #expect(actions(request(256)).count == 1)
        #expect(actions(request(257)) == [.close(.parameterCount)])
    }

    @Test func takesAsManyBytesOfParametersAsTheLimitAndNoMore() throws {
        func request(_ bytes: Int) -> [UInt8] {
            .begin() + .parameters(.pair("P", String(repeating: "v", count: bytes - 6))) + .record(5)
        }
        let limit = RecordGuard.Limits().parameterBytes
        guard case .request(let records) = try #require(actions(request(limit)).first) else {
            Issue.record("refused")
            return
        }
        #expect(records.parameters.count == limit)
        #expect(actions(request(limit + 1)) == [.close(.parameterBytes)])
        // One byte more that announces nothing yet.
        let full = [UInt8].pair("P", String(repeating: "v", count: limit - 6))
        #expect(actions(.begin() + .parameters(full + [3])) == [.close(.parameterBytes)])
    }

    @Test func findsTheSameFaultHoweverTheBytesAreCut() {
        let limits = RecordGuard.Limits(parameterBytes: 100)
        let bytes: [UInt8] =
            .begin() + .parameters(.pair("A=B", "x") + .pair("C", String(repeating: "v", count: 200)))
        for size in [Int.max, 1, 2, 7, 30] {
            #expect(actions(bytes, pieces: size, limits: limits) == [.close(.parameterName)])
        }
    }

    @Test func countsABodyBeyondTheLimitWithoutKeepingIt() throws {
        let limits = RecordGuard.Limits(bodyBytes: 100)
        func records(_ length: Int) throws -> RequestRecords {
            let bytes: [UInt8] = .begin() + .parameters([]) + .input([UInt8](repeating: 1, count: length))
            guard case .request(let records) = try #require(actions(bytes, limits: limits).first) else {
                throw Peer.Failure(what: "refused")
            }
            return records
        }
        #expect(try records(100).body.count == 100)
        #expect(try records(101).body.isEmpty)
        #expect(try records(101).bodyLength == 101)
        #expect(try records(40_000).bodyLength == 40_000)
    }

    @Test func closesARequestThatDoesNotEnd() {
        let limits = RecordGuard.Limits(inputBytes: 10_000)
        let some: [UInt8] = .record(5, [UInt8](repeating: 1, count: 1_000))
        let request = .begin() + .parameters([]) + Array(repeatElement(some, count: 20).joined())
        #expect(actions(request, limits: limits) == [.close(.endless)])
        // Padding alone counts, too.
        let padded: [UInt8] = .begin() + Array(repeatElement([UInt8].record(4, [0], padding: 255), count: 60).joined())
        #expect(actions(padded, limits: limits) == [.close(.parameterName)])
    }

    @Test func refusesASecondRequestAndLeavesTheFirstUnharmed() {
        let pairs: [UInt8] = .pair("REQUEST_METHOD", "GET")
        let whole = .begin() + .parameters(pairs) + [UInt8].input([1, 2])
        let refusal = RecordGuard.Action.reply([1, 3, 0, 2, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
        let parts: [[UInt8]] = [
            .begin(), .begin(id: 2), .record(4, pairs), .parameters(.pair("X", "Y"), id: 2), .record(4),
            .input([9], id: 2),
            .abort(id: 2), .input([1, 2]),
        ]
        let mixed = Array(parts.joined())
        #expect(actions(mixed) == [refusal] + actions(whole))
        #expect(actions(mixed, pieces: 3) == [refusal] + actions(whole))
    }

    @Test func closesWhenTooManyRequestsAreBegunAtATime() {
        let many = .begin() + (2...40).flatMap { [UInt8].begin(id: $0) }
        let result = actions(many)
        #expect(result.count == RecordGuard.Limits().refusedRequests + 1)
        #expect(result.last == .close(.tooManyRefused))
    }

    @Test func tellsWhatCameOfARequestWhoseTimeIsOver() throws {
        var records = RecordGuard()
        #expect(records.timedOutRequest == nil)
        _ = actions(.begin() + .record(4, .pair("A", "1")), of: &records)
        #expect(records.timedOutRequest == nil)
        _ = actions(.record(4) + .record(5, [1, 2, 3]), of: &records)
        let request = try #require(records.timedOutRequest)
        #expect(request.isTimedOut)
        #expect(request.body.isEmpty)
        #expect(request.bodyLength == 3)
        #expect(request.parameters == .pair("A", "1"))
    }

    /// Whatever comes, the guard neither traps nor lets through a request that is not one.
    @Test func survivesRandomRecords() {
        let seed = SeededRandom.anySeed()
        var random = SeededRandom(seed: seed)
        for _ in 0..<3_000 {
            var records = RecordGuard()
            let bytes = [UInt8].randomRecords(using: &random)
            for case .request(let request) in actions(
                bytes, pieces: Int.random(in: 1...500, using: &random), of: &records)
            {
                #expect(actions(request.stream) == [.request(request)], "seed \(seed)")
                #expect(request.parameters.count <= 73_728, "seed \(seed)")
            }
        }
        print("random records for the guard: seed \(seed)")
    }
}
