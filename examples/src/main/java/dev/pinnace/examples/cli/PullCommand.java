package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    description = {
      "Brings an image in from its registry.",
      "What is here is not fetched; what an interrupted pull has received is not fetched again."
    })
final class PullCommand extends EngineCommand {
  @Parameters(paramLabel = "NAME[:TAG|@DIGEST]", description = "What to pull; latest by default.")
  private String name;

  @Option(
      names = {"-a", "--all-tags"},
      description = "Every tag that the registry has of that name.")
  private boolean all;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the name alone.")
  private boolean quiet;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Another platform than this host's.")
  private Optional<String> platform = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    ImageReference asked = ImageReference.parse(name);
    ImageReference shown = all ? asked : asked.withDefaultTag();
    if (!quiet && !shown.equals(asked)) {
      out().println("Using default tag: latest");
    }
    PullOptions options = PullOptions.DEFAULTS;
    if (platform.isPresent()) {
      options = options.withPlatform(Platform.parse(platform.get()));
    }
    ShownPull pull = new ShownPull(pinnace, 1, out(), err(), quiet);
    boolean same = true;
    for (ImageReference reference : all ? tags(pinnace, asked) : List.of(shown)) {
      Optional<Image> before = pinnace.images().find(reference.familiar());
      Optional<Image> now = pull.pull(reference, options);
      if (now.isEmpty()) {
        return ShownPull.INTERRUPTED;
      }
      same &= before.filter(was -> isSame(was, now.get())).isPresent();
    }
    pull.status(same, shown);
    out().println(shown);
    return OK;
  }

  private static List<ImageReference> tags(Pinnace pinnace, ImageReference asked) {
    if (asked.tag().isPresent() || asked.digest().isPresent()) {
      throw new InvalidSpecException(
          "--all-tags takes a name without a tag: " + asked.familiarName());
    }
    List<ImageReference> tags = pinnace.images().tags(asked.familiarName());
    if (tags.isEmpty()) {
      throw new NotFoundException("its registry has no tags of " + asked.familiarName());
    }
    return tags;
  }

  private static boolean isSame(Image one, Image other) {
    return one.digest().equals(other.digest()) && one.id().equals(other.id());
  }
}
