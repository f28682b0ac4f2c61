// The board stands in two places of the page: `cards` in the middle, `strip` at the bottom. Both share one desk.

const MOUNTS = { cards: mountCards, strip: mountStrip };

export default function board({ data, parentElement, setStateValue }) {
  const desk = (window.rankdesk ??= new Desk());
  const { part } = data;
  desk.attach(part, parentElement, data, setStateValue);
  MOUNTS[part](desk, parentElement, data);
  desk.draw();
  return () => desk.detach(part, parentElement);
}
