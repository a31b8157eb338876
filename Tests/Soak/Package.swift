// swift-tools-version: 6.1
import PackageDescription

// A program that embeds NNS for a long time: `scripts/check/soak` runs it.
let package = Package(
  name: "soak",
  dependencies: [.package(name: "nns", path: "../..")],
  targets: [
    .executableTarget(name: "soak", dependencies: ["Memory", .product(name: "NNS", package: "nns")]),
    .target(name: "Memory"),
  ],
  swiftLanguageModes: [.v6]
)
