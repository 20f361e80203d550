import Crypto
import Foundation

extension SHA256 {
    /// The digest of some bytes, in hexadecimal digits.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        hash(data: Data(bytes)).map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
    }
}
