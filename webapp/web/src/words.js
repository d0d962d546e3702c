// The words that scripts write, in the language of the page. Chinese is the source, as everywhere.
const ENGLISH = {
  显示本说明: 'Show this help',
  键盘快捷键: 'Keyboard shortcuts',
  启用快捷键: 'Use shortcuts',
  关闭: 'Close',
  已办: 'Done',
  当前: 'Current',
  未通过: 'Not passed',
  本条款: 'This clause',
  流程图: 'Process diagram',
  流程图缩放: 'Zoom of the diagram',
  放大: 'Zoom in',
  缩小: 'Zoom out',
  适合窗口: 'Fit window',
  '流程图暂时无法显示，请刷新页面重试。': 'The diagram cannot be shown at present; refresh the page.',
};

export function said(word) {
  return (document.documentElement.lang === 'en' && ENGLISH[word]) || word;
}
