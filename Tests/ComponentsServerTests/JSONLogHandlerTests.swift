import Foundation
import JSON
import Logging
import Testing

@testable import ComponentsServer

struct JSONLogHandlerTests {
    /// What is written to a log file of its own.
    private func lines(_ log: (Logger) -> Void) throws -> [JSONValue] {
        let file = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let destination = try #require(LogDestination(file: file))
        let provider = Logger.MetadataProvider { ["request-id": "r-1", "nearest": "context"] }
        log(
            Logger(label: "test") { label in
                JSONLogHandler(label: label, destination: destination, metadataProvider: provider, logLevel: .info)
            })
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.isEmpty || bytes.last == UInt8(ascii: "\n"))
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
    }

    @Test func eachEventIsOneObjectOnALineOfItsOwn() throws {
        let lines = try lines { logger in
            logger.info("first", metadata: ["tool": "demo"])
            logger.debug("not at this level")
            logger.error("second \"quoted\"\nand broken \u{1B}[31m", metadata: ["text": "a\nb\u{0}"])
        }
        #expect(lines.count == 2)
        #expect(lines.first?["level"] == "info")
        #expect(lines.first?["message"] == "first")
        #expect(lines.first?["logger"] == "test")
        #expect(lines.first?["tool"] == "demo")
        #expect(lines.first?["request-id"] == "r-1")
        let time = try #require(lines.first?["time"]?.stringValue)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(lines.last?["message"] == "second \"quoted\"\nand broken \u{1B}[31m")
        #expect(lines.last?["text"] == "a\nb\u{0}")
    }

    @Test func theNearestMetadataWinsAndNoneTakesTheLinesOwnFields() throws {
        let lines = try lines { logger in
            var logger = logger
            logger.info("1")
            logger[metadataKey: "nearest"] = "logger"
            logger.info("2")
            logger.info("3", metadata: ["nearest": "event", "level": "forged", "time": "forged"])
        }
        #expect(lines.map { $0["nearest"] } == ["context", "logger", "event"])
        #expect(lines.last?["level"] == "info")
        #expect(lines.last?["time"] != "forged")
    }

    @Test func linesOfManyThreadsNeverMix() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let destination = try #require(LogDestination(file: file))
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "test") { label in
                        JSONLogHandler(label: label, destination: destination, logLevel: .info)
                    }
                    for index in 0..<100 {
                        logger.info("line", metadata: ["writer": "\(writer)", "index": "\(index)"])
                    }
                }
            }
        }
        let lines = try Data(contentsOf: URL(filePath: file)).split(separator: UInt8(ascii: "\n"))
            .map { try JSONValue(parsing: Array($0)) }
        #expect(Set(lines.map { "\($0["writer"]?.stringValue ?? "") \($0["index"]?.stringValue ?? "")" }).count == 800)
    }

    @Test func aFileThatCannotBeOpenedIsNoDestination() {
        #expect(LogDestination(file: "/nowhere/at/all") == nil)
    }
}
