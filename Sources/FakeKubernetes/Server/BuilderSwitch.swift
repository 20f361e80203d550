/// Holds the builder back, or lets it go on.
actor BuilderSwitch {
    private(set) var isPaused = false

    func set(isPaused: Bool) { self.isPaused = isPaused }
}
