// What a reader types, made into words that the index has.

// Other words for the terms of the glossary. Japanese readers know many terms under a loan word, an abbreviation or an older name.
const TERMS = {
  ja: {
    NPS: "ネットプロモータースコア", LTV: "顧客生涯価値", CLV: "顧客生涯価値", ライフタイムバリュー: "顧客生涯価値", CAC: "顧客獲得コスト", CSAT: "顧客満足度",
    CES: "顧客努力指標", チャーンレート: "解約率", チャーン: "解約", 離脱率: "解約率", 離反率: "解約率", リテンション: "維持", 継続率: "維持率",
    リピート率: "リピート購入率", 再購入率: "リピート購入率", プロモーター: "推奨者", デトラクター: "批判者", クレーム: "苦情", タッチポイント: "接点",
    バリュープロポジション: "価値提案", お客様第一: "カスタマーファースト", 顧客第一: "カスタマーファースト", お客様: "顧客", 個人情報: "プライバシー",
    アセスメント: "診断", エレメント: "要素", プラクティス: "施策", サーベイ: "アンケート", アンケート調査: "アンケート", コールセンター: "コンタクトセンター",
    カスタマージャーニーマップ: "ジャーニーマップ", ロイヤリティ: "ロイヤルティ",
  },
}; // prettier-ignore
const SMALL = { ja: /の|とは|について|(扱い|方法|やり方|仕方|対応)$/gu };
const KATAKANA = /[\p{Script=Katakana}ー]/u;

/** The words to look for, from what was typed. */
export function words(typed, language) {
  let text = typed.normalize("NFKC").trim();
  const terms = TERMS[language] ?? {};
  const known = Object.keys(terms).sort((one, other) => other.length - one.length);
  if (known.length) {
    const whole = known.map((one) => (/^[A-Z]+$/.test(one) ? `(?<![a-z])${one}(?![a-z])` : one)); // no CES in “success”
    const any = new RegExp(whole.join("|"), "giu");
    text = text.replace(any, (found) => terms[found] ?? terms[found.toUpperCase()] ?? found);
  }
  const plain = SMALL[language] ? text.replace(SMALL[language], " ").trim() : text;
  return plain || text;
}

// Pagefind cuts a query where the browser's segmenter does, which cuts loan words that the index keeps whole; and it
// does so in a worker, which this page cannot teach better.
export function keepLoanWordsWhole() {
  const Own = Intl.Segmenter;
  if (!Own) return;
  window.Worker = undefined;
  Intl.Segmenter = class extends Own {
    constructor(language, options) {
      super(language, options);
      this.byWord = options?.granularity === "word";
    }
    *segment(text) {
      const parts = this.byWord ? (text.match(/[\p{Script=Katakana}ー]+|[^\p{Script=Katakana}ー]+/gu) ?? []) : [text];
      for (const part of parts) {
        if (this.byWord && KATAKANA.test(part)) yield { segment: part };
        else yield* super.segment(part);
      }
    }
  };
}

/** How results are ranked: a long lesson about a thing comes before a short page that names it. */
export const RANKING = { pageLength: 0, termFrequency: 1 };
