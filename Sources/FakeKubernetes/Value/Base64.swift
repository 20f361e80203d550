import Foundation

/// Base64 with padding, as kubeconfigs have it.
enum Base64 {
    static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
