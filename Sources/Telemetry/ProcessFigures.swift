import Foundation
import Glibc

/// The operating system's figures of this process, under the names that Prometheus' client libraries share.
///
/// They are read at each scrape only. A figure that cannot be read is left out.
public struct ProcessFigures: Metric {
    private let startTime: Double?

    /// The figures of the current process.
    public init() {
        startTime = Self.readStartTime()
    }

    /// Writes the current figures.
    public func write(to text: inout ExpositionText) {
        func show(_ name: String, _ kind: ExpositionText.Kind, _ value: Double?, _ help: String) {
            guard let value else { return }
            text.begin(name, kind, help: help)
            text.sample(name, value)
        }
        show("process_cpu_seconds_total", .counter, Self.processorSeconds, "User and system CPU time, in seconds.")
        show("process_open_fds", .gauge, Self.openDescriptors, "Open file descriptors.")
        show("process_max_fds", .gauge, Self.maximumDescriptors, "The most file descriptors that may be open.")
        let pages = Self.pages
        show("process_virtual_memory_bytes", .gauge, pages?.virtual, "Size of the virtual memory, in bytes.")
        show("process_resident_memory_bytes", .gauge, pages?.resident, "Size of the resident memory, in bytes.")
        show(
            "process_start_time_seconds", .gauge, startTime, "Start of the process, in seconds since the Unix epoch.")
    }

    private static var processorSeconds: Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var openDescriptors: Double? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else { return nil }
        // One of them is the folder itself, which is open while it is read.
        return Double(max(0, names.count - 1))
    }

    private static var maximumDescriptors: Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// proc(5), `/proc/self/statm`: pages in all, pages resident.
    private static var pages: (virtual: Double, resident: Double)? {
        let words = read("/proc/self/statm")?.split(separator: " ").prefix(2).compactMap { Double($0) } ?? []
        guard words.count == 2 else { return nil }
        let size = Double(sysconf(CInt(_SC_PAGESIZE)))
        return (words[0] * size, words[1] * size)
    }

    /// proc(5): `/proc/self/stat` has the start in ticks since boot, `/proc/stat` the time of the boot.
    private static func readStartTime() -> Double? {
        // The program's name, in parentheses, may hold anything.
        guard let stat = read("/proc/self/stat"), let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        let boot = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard fields.count > 19, let ticks = Double(fields[19]), let boot, let since = Double(boot.dropFirst(6)) else {
            return nil
        }
        return since + ticks / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    private static func read(_ path: String) -> String? {
        // Files of /proc have no length, so they are read to their end.
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return (try? file.readToEnd()).flatMap { String(data: $0, encoding: .utf8) }
    }
}
