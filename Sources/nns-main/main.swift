import Glibc
import NNSTool

exit(NNSCommand.execute(Array(CommandLine.arguments.dropFirst()), terminal: { Readline() }))
