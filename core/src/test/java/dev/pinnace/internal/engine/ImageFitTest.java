package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Platform;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ImageFitTest {
  private static ImageConfig image(String os, String architecture) {
    String json =
        "{\"os\":\"%s\",\"architecture\":\"%s\",\"config\":{},".formatted(os, architecture)
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
    return ImageJson.readConfig(json.getBytes(StandardCharsets.UTF_8), "config");
  }

  @Test
  void anImageOfThisHost_isNotSpokenOf() {
    ImageConfig image = image("linux", Platform.host().architecture());
    assertThatCode(() -> ImageFit.check("x", image)).doesNotThrowAnyException();
    assertThat(ImageFit.platform("x", image)).isEmpty();
  }

  @Test
  void anotherProcessor_isAWarning() {
    ImageConfig image = image("linux", "s390x");
    assertThatCode(() -> ImageFit.check("x", image)).doesNotThrowAnyException();
    assertThat(ImageFit.platform("x", image).orElseThrow())
        .contains("image x is for linux/s390x", Platform.host().toString());
  }

  @Test
  void anotherSystem_isRefused() {
    ImageConfig image = image("windows", Platform.host().architecture());
    assertThatThrownBy(() -> ImageFit.check("x", image))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContainingAll("platform windows/", "of image x", "this host is linux/");
    assertThat(ImageFit.platform("x", image)).isPresent();
  }
}
