  const startGallery = () => {
    const tools = byId("gallery-tools");
    if (!tools || !data.images.length) return;
    const [kind, label, status, more, list] = [
      "gallery-kind", "gallery-label", "gallery-status", "gallery-more", "gallery"].map(byId);
    const holdout = data.images.flatMap((image, number) => (image.split ? [] : [number]));

    const isOf = (image) => {
      if (kind.value === "right") return !image.wrong;
      if (!image.wrong) return false;
      return kind.value === "" || (image.kinds ?? []).includes(kind.value);
    };
    const isNamed = (image, wanted) => !wanted || [...image.truth, ...image.said]
      .some((number) => labelText(number).toLocaleLowerCase().includes(wanted));

    const apply = () => {
      const wanted = label.value.trim().toLocaleLowerCase();
      const numbers = holdout.filter((number) =>
        isOf(data.images[number]) && isNamed(data.images[number], wanted));
      fillCards(list, numbers, more);
      status.textContent = counted(numbers.length, "image");
    };

    kind.addEventListener("change", apply);
    label.addEventListener("input", apply);
    for (const place of document.querySelectorAll("[data-kind-of-error]")) {
      const button = make("button", { type: "button", class: "opener" }, ...place.childNodes);
      button.addEventListener("click", () => {
        kind.value = place.dataset.kindOfError;
        label.value = "";
        apply();
        kind.focus();
      });
      place.append(button);
    }
    tools.hidden = false;
    apply();
  };
