package dev.pinnace.internal.engine;

import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageStep;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The history of an image, with the sizes of the layers that its steps made. */
final class ImageSteps {
  private ImageSteps() {}

  /**
   * The last step first. Layers of which the history does not tell have steps without words.
   *
   * @param sizes of the layers, the bottom one first
   */
  static List<ImageStep> of(StoredImage image, List<Long> sizes) {
    Deque<Long> layers = new ArrayDeque<>(sizes);
    List<ImageConfig.History> history = image.config().history();
    long untold = layers.size() - history.stream().filter(step -> !step.emptyLayer()).count();
    List<ImageStep> steps = new ArrayList<>();
    for (long i = 0; i < untold; i++) {
      steps.add(step(new ImageConfig.History(Optional.empty(), "", "", "", false), layers));
    }
    for (ImageConfig.History step : history) {
      steps.add(step(step, layers));
    }
    if (!steps.isEmpty()) {
      ImageStep last = steps.remove(steps.size() - 1);
      List<String> names = image.names().stream().map(ImageReference::familiar).toList();
      steps.add(
          new ImageStep(
              Optional.of(image.id()),
              names,
              last.created(),
              last.createdBy(),
              last.size(),
              last.comment()));
    }
    Collections.reverse(steps);
    return List.copyOf(steps);
  }

  private static ImageStep step(ImageConfig.History step, Deque<Long> layers) {
    boolean hasLayer = !step.emptyLayer() && !layers.isEmpty();
    Bytes size = Bytes.of(hasLayer ? layers.remove() : 0);
    Optional<Digest> unnamed = Optional.empty();
    return new ImageStep(
        unnamed, List.of(), step.created(), step.createdBy(), size, step.comment());
  }
}
