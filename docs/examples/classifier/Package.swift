// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "classifier",
  dependencies: [.package(name: "nns", path: "../../..")],
  targets: [
    .executableTarget(name: "classifier", dependencies: [.product(name: "NNS", package: "nns")])
  ],
  swiftLanguageModes: [.v6]
)
