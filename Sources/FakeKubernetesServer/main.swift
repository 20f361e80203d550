import ArgumentParser
import FakeKubernetes

await FakeKubernetesCommand.main()
