// What scrolls sideways, such as a wide table on a phone, can be scrolled with the keyboard as well.
addEventListener("load", () => {
  for (const one of document.querySelectorAll(".bd-article div, .bd-article pre")) {
    if (one.scrollWidth > one.clientWidth && /auto|scroll/.test(getComputedStyle(one).overflowX)) one.tabIndex = 0;
  }
});
