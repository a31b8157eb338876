// swift-tools-version: 6.1
import PackageDescription

// Arrows point down only: nns-main → NNSTool → NNS → (NNSSyntax, NNSTensor, NNSFormats, NNSStdlib) → C targets.
let package = Package(
  name: "nns",
  products: [
    .library(name: "NNS", targets: ["NNS"]),
    // Called `nns-c` because the executable is called `nns`.
    .library(name: "nns-c", type: .dynamic, targets: ["NNSInterface"]),
    .executable(name: "nns", targets: ["nns-main"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The executable's target is not called `nns`: beside `NNS` it would collide on disks that ignore case.
    .executableTarget(name: "nns-main", dependencies: ["NNSTool", "NNS", "CReadline"]),
    .target(
      name: "NNSTool",
      dependencies: [
        "NNS", "NNSSyntax", "NNSFormats", "NNSTensor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "NNS",
      dependencies: ["NNSSyntax", "NNSTensor", "NNSFormats", "NNSTokenizers", "NNSStdlib", "CKernels", "CThread"]),
    .target(name: "NNSInterface", dependencies: ["NNS", "CNNS"]),
    .target(name: "NNSSyntax", dependencies: ["CThread"]),
    .target(name: "NNSTensor", dependencies: ["CBLAS", "CKernels", "CThread"]),
    .target(name: "NNSFormats", dependencies: ["NNSTensor", "CImages", "CZlib"]),
    .target(name: "NNSTokenizers", dependencies: ["NNSFormats"]),
    .target(name: "NNSStdlib", dependencies: ["CStdlib"]),
    // Under the GPL: the executable alone links it.
    .target(name: "CReadline", linkerSettings: [.linkedLibrary("readline")]),
    .target(name: "CBLAS", linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .target(name: "CKernels"),
    .target(name: "CNNS"),
    .target(name: "CThread"),
    .target(name: "CStdlib"),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    .testTarget(name: "NNSSyntaxTests", dependencies: ["NNSSyntax"]),
    .testTarget(
      name: "NNSTensorTests", dependencies: ["NNSTensor"],
      exclude: [
        "golden.py", "golden.txt", "golden_linalg.py", "golden_linalg.txt", "golden_index.py", "golden_index.txt",
      ]),
    .testTarget(name: "NNSFormatsTests", dependencies: ["NNSFormats", "NNSStdlib", "NNSTokenizers"]),
    .testTarget(name: "NNSTokenizersTests", dependencies: ["NNSTokenizers", "NNSFormats"]),
    .testTarget(name: "NNSToolTests", dependencies: ["NNSTool"]),
    .testTarget(name: "NNSTests", dependencies: ["NNS", "NNSTool", "CThread"]),
  ],
  swiftLanguageModes: [.v6]
)
