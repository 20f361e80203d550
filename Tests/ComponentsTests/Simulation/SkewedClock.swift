import Foundation
import TestSupport

/// The clock of one process: right, or off by up to a day either way, or jumping whenever it is read.
struct SkewedClock {
    private static let offsets: [Double] = [0, 0, 0, 0.4, -0.4, 3_600, -3_600, 86_400, -86_400]

    private var now = 1_795_342_500.0
    private let jumps: [Double]
    private var readings = 0

    init(_ random: inout SeededRandom) {
        now += Self.offsets.randomElement(using: &random) ?? 0
        let steps = (0..<4).map { _ in Double.random(in: -7_200...7_200, using: &random) }
        jumps = Int.random(in: 0..<4, using: &random) == 0 ? steps : []
    }

    mutating func read() -> Date {
        if !jumps.isEmpty {
            now += jumps[readings % jumps.count]
            readings += 1
        }
        return Date(timeIntervalSince1970: now)
    }
}
