const boxes = new WeakMap()
let words = {}
let written = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 })

function speak({ language, words: known }) {
  words = known
  written = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 })
}

const t = (message, values = {}) =>
  (words[message] ?? message).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole))

function amount(size) {
  if (size >= 1e9) return t("{n} GB", { n: written.format(size / 1e9) })
  if (size >= 1e6) return t("{n} MB", { n: written.format(size / 1e6) })
  if (size >= 1e3) return t("{n} kB", { n: written.format(size / 1e3) })
  return t("{n} bytes", { n: size })
}

function parts(root) {
  const find = name => root.querySelector(name)
  return {
    drop: find(".drop"), file: find(".file"), title: find(".title"), hint: find(".hint"), running: find(".running"),
    bar: find("progress"), count: find(".count"), cancel: find(".cancel"), status: find(".status"),
  }
}

function show(box) {
  const { view, data, request, fault } = box
  view.title.textContent = data.current ? t("Drop another file, or choose one") : data.label
  view.cancel.textContent = t("Cancel upload")
  view.hint.textContent = data.hint
  view.drop.hidden = Boolean(request)
  view.running.hidden = !request
  view.status.classList.toggle("fault", Boolean(fault))
  const note = fault || (data.current && !request ? t("Uploaded: {file}", { file: data.current }) : "")
  if (view.status.textContent !== note) view.status.textContent = note
}

function end(box, fault, focus) {
  box.request = null
  box.fault = fault
  show(box)
  if (focus) box.view.file.focus()
}

function answer(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function arrived(box, request) {
  const found = answer(request.responseText)
  if (request.status === 200 && found.id) {
    end(box, "")
    box.setStateValue("uploaded", found)
  } else {
    end(box, found.error || t("The server refused the file; reload the page and try again."))
  }
}

function send(box, file) {
  const [size, most] = [amount(file.size), amount(box.data.limit)]
  if (file.size > box.data.limit) return end(box, t("The file has {size}, and {most} is the most; split it.", { size, most }))
  const request = new XMLHttpRequest()
  box.request = request
  box.fault = ""
  box.view.bar.value = 0
  box.view.count.textContent = `${file.name}, ${amount(file.size)}`
  request.upload.onprogress = event => {
    const share = event.total ? event.loaded / event.total : 0
    box.view.bar.value = Math.round(share * 100)
    const far = { sent: amount(event.loaded), total: amount(event.total), percent: Math.floor(share * 100) }
    box.view.count.textContent = t("{sent} of {total}, {percent} %", far)
  }
  request.onload = () => arrived(box, request)
  request.onerror = () => end(box, t("The connection broke before the file had arrived; try again."))
  request.onabort = () => end(box, t("The upload was cancelled; nothing was kept."), true)
  request.open("PUT", new URL(box.data.url, document.baseURI))
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name))
  request.send(file)
  show(box)
  box.view.cancel.focus()
}

function dropped(box, files) {
  if (files.length > 1) return end(box, t("These are several files; drop one at a time."))
  if (files.length) send(box, files[0])
}

export default function ({ data, parentElement, setStateValue }) {
  const box = boxes.get(parentElement) || { request: null, fault: "" }
  boxes.set(parentElement, box)
  speak(data)
  Object.assign(box, { data, setStateValue, view: parts(parentElement) })
  const { drop, file, cancel } = box.view
  file.onchange = () => {
    dropped(box, [...file.files])
    file.value = ""
  }
  drop.ondragover = event => {
    event.preventDefault()
    drop.classList.add("over")
  }
  drop.ondragleave = () => drop.classList.remove("over")
  drop.ondrop = event => {
    event.preventDefault()
    drop.classList.remove("over")
    dropped(box, [...event.dataTransfer.files])
  }
  cancel.onclick = () => box.request?.abort()
  show(box)
  return () => box.request?.abort()
}
