import ArgumentParser
import FakeKubernetes

@main
enum Process {
    static func main() async { await FakeKubernetesCommand.main() }
}
