/// The entry point of every target: it takes one input, and ends the process if a property does not hold.
func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int, _ check: ([UInt8]) throws -> Void) -> CInt {
    do {
        try check(Array(UnsafeBufferPointer(start: data, count: count)))
    } catch {
        require(false, "no unexpected error: \(error)")
    }
    return 0
}

/// Ends the process unless `condition` holds.
func require(_ condition: Bool, _ property: @autoclosure () -> String) {
    guard !condition else { return }
    fatalError("does not hold: \(property())")  // libFuzzer keeps an input only if the process ends abnormally.
}
