package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "tag", description = "Gives an image a further name.")
final class TagCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "Name or id.")
  private String image;

  @Parameters(index = "1", paramLabel = "NAME", description = "Its further name.")
  private String name;

  @Override
  int execute(Pinnace pinnace) {
    pinnace.images().tag(image, name);
    return OK;
  }
}
