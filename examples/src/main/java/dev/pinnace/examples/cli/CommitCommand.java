package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.CommitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "commit", description = "Makes an image of a container; prints its id.")
final class CommitCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME[:TAG]",
      description = "The image's name.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-a", "--author"},
      paramLabel = "AUTHOR",
      description = "Who makes it, as in \"Ann Lee <ann@example.com>\".")
  private Optional<String> author = Optional.empty();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What the image's history says of it.")
  private String message = "";

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description = "Change the configuration by an instruction of a Dockerfile, as CMD or ENV.")
  private List<String> changes = new ArrayList<>();

  @Option(
      names = {"-p", "--pause"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Pause a running container meanwhile; true by default.")
  private boolean pause = true;

  @Override
  int execute(Pinnace pinnace) {
    CommitSpec spec = new CommitSpec(name, author, message, changes, pause);
    out().println(pinnace.containers().get(container).commit(spec).id());
    return OK;
  }
}
