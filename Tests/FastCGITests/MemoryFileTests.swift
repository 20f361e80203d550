import Glibc
import Testing

@testable import FastCGI

/// Short contents go by the mapping, long ones by system calls: whoever holds the descriptor sees no difference.
@Suite struct MemoryFileTests {
    private static let lengths = [0, 1, 4_096, 16_383, 16_384, 16_385, 400_000]

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 % 251 + 1) } }

    /// The file from its position on, as libfcgi reads it.
    private func read(_ file: MemoryFile, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let more = Glibc.read(file.descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                guard more > 0 else { return }
                filled += more
            }
        }
    }

    @Test(arguments: lengths)
    func whatIsPutIsReadFromTheStart(_ count: Int) throws {
        var file = try MemoryFile()
        defer { file.close() }
        try file.put(bytes(count))
        #expect(read(file, count) == bytes(count))
    }

    @Test(arguments: lengths)
    func whatIsWrittenIsTakenWhole(_ count: Int) throws {
        var file = try MemoryFile()
        defer { file.close() }
        #expect(Glibc.write(file.descriptor, bytes(count), count) == count)
        let taken = try file.takeWritten()
        #expect(taken == bytes(count))
    }

    /// A use of every length after a use of every length: nothing of the one is seen by the other.
    @Test func nothingStaysForTheNext() throws {
        var file = try MemoryFile()
        defer { file.close() }
        for before in Self.lengths {
            for after in Self.lengths {
                try file.put(bytes(before))
                _ = read(file, before)
                try expectCleared(&file)
                #expect(Glibc.write(file.descriptor, bytes(after), after) == after)
                let taken = try file.takeWritten()
                #expect(taken == bytes(after))
                try expectCleared(&file)
            }
        }
    }

    private func expectCleared(_ file: inout MemoryFile) throws {
        let isCleared = file.clear()
        try #require(isCleared)
        // Its position, its length and what is in it.
        try #require(read(file, 500_000) == [UInt8](repeating: 0, count: 16_384))
        try #require(lseek(file.descriptor, 0, SEEK_SET) == 0)
    }

    /// libfcgi closes the descriptor when it finds fault; the number is then the next one's who opens something.
    @Test func oneThatWasClosedIsNeitherClosedAgainNorUsedAgain() throws {
        let files = try MemoryFiles()
        let taken = try files.withFile { file in
            _ = close(file.descriptor)
            file.descriptor = -1
            return dup(STDIN_FILENO)
        }
        defer { _ = close(taken) }
        #expect(fcntl(taken, F_GETFD) >= 0)
        for _ in 0..<MemoryFiles.ready {
            try files.withFile { file in #expect(file.descriptor >= 0 && file.descriptor != taken) }
        }
    }
}
