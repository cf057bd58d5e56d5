package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PushOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.event.TransferProgress;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    description = {
      "Brings an image to the registry of its name.",
      "What the registry has is not sent; see \"login\" for registries that ask who you are."
    })
final class PushCommand extends EngineCommand {
  private static final int INTERRUPTED = 130;

  @Parameters(paramLabel = "NAME[:TAG]", description = "What to push; latest by default.")
  private String name;

  @Option(
      names = {"-a", "--all-tags"},
      description = "Every tag of that name.")
  private boolean all;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the name alone.")
  private boolean quiet;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Of an index, the image for that platform alone.")
  private Optional<String> platform = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    ImageReference asked = ImageReference.parse(name);
    if (!quiet) {
      if (!all && asked.tag().isEmpty() && asked.digest().isEmpty()) {
        out().println("Using default tag: latest");
      }
      out().println("The push refers to repository [" + asked.repository() + "]");
      out().flush();
    }
    for (ImageReference reference : all ? tags(pinnace, asked) : List.of(asked.withDefaultTag())) {
      int code = push(pinnace, reference);
      if (code != OK) {
        return code;
      }
    }
    if (quiet) {
      out().println(all ? asked : asked.withDefaultTag());
    }
    return OK;
  }

  private static List<ImageReference> tags(Pinnace pinnace, ImageReference asked) {
    if (asked.tag().isPresent() || asked.digest().isPresent()) {
      throw new InvalidSpecException(
          "--all-tags takes a name without a tag: " + asked.familiarName());
    }
    List<ImageReference> tags =
        pinnace.images().list().stream()
            .map(ImageSummary::references)
            .flatMap(List::stream)
            .map(ImageReference::parse)
            .filter(other -> other.repository().equals(asked.repository()))
            .filter(other -> other.tag().isPresent())
            .toList();
    if (tags.isEmpty()) {
      throw new NotFoundException("there is no image of the name " + asked.familiar() + " here");
    }
    return tags;
  }

  private int push(Pinnace pinnace, ImageReference reference) {
    TransferDisplay display = TransferDisplay.ofPush(out());
    PushOptions options = PushOptions.DEFAULTS;
    if (platform.isPresent()) {
      options = options.withPlatform(Platform.parse(platform.get()));
    }
    Image image = pinnace.images().get(reference.toString());
    display.hide(Set.of(image.id(), image.digest()));
    SlowAnswer slow = new SlowAnswer(reference.domain(), err());
    Consumer<TransferProgress> heard = progress -> tell(slow, progress);
    Task<Digest> push =
        pinnace
            .images()
            .push(reference, options.withProgress(quiet ? heard : heard.andThen(display)));
    try (slow;
        SignalProxy signals = SignalProxy.to(signal -> cancel(push))) {
      Digest digest = push.await();
      if (!quiet) {
        OptionalLong size = display.finish(digest);
        out()
            .println(
                reference.tag().orElse("")
                    + ": digest: "
                    + digest
                    + (size.isPresent() ? " size: " + size.getAsLong() : ""));
      }
      return OK;
    } catch (CancelledException interrupted) {
      err().println("pinnace: " + interrupted.getMessage());
      return INTERRUPTED;
    }
  }

  /** Layers wait before anything is asked. */
  private static void tell(SlowAnswer slow, TransferProgress progress) {
    if (progress.phase() != TransferProgress.Phase.WAITING) {
      slow.accept(progress);
    }
  }

  private static void cancel(Task<Digest> push) {
    boolean unused = push.cancel();
  }
}
