// swift-tools-version: 6.1
import PackageDescription

// A package of its own, because libFuzzer supplies `main`: `scripts/fuzz` builds it with `--sanitize fuzzer`.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "nns", path: "../..")],
  targets: [
    // In C, for the entry point of a Swift executable would collide with libFuzzer's.
    .executableTarget(name: "fuzz", dependencies: ["Targets"]),
    .target(name: "Targets", dependencies: [.product(name: "NNS", package: "nns")]),
  ],
  swiftLanguageModes: [.v6]
)
