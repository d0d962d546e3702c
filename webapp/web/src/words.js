// The words that scripts write, in the language of the page. Chinese is the source, as everywhere;
// "{0}" stands for what varies.
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
  '上一批文件还在上传，请稍候再添加。': 'Files are still being uploaded; wait a moment before adding more.',
  '“{0}”没有上传：文件超过 {1} MB，请压缩后再上传': '"{0}" was not uploaded: larger than {1} MB; compress it first',
  '这里只能有一个文件，只上传了第一个': 'Only one file is possible here; the first was uploaded',
  '{0}没有上传：连接不上服务器': '{0} not uploaded: no connection to the server',
  '{0}没有上传：文件过大': '{0} not uploaded: too large',
  '{0}没有上传：系统暂时不能接收，请稍后再试': '{0} not uploaded: not possible at present, try later',
  '{0}没有上传，请按提示处理后重新选择': '{0} not uploaded; do as told and choose again',
  上传进度: 'Progress of the upload',
  '正在上传{0}': 'Uploading {0}',
  '已自动暂存 {0}': 'Draft saved {0}',
  '未能暂存：系统暂时不能保存，内容仍在本页。': 'Draft not saved: not possible at present; all is still on this page.',
  '未能暂存：连接不上服务器，内容仍在本页。': 'Draft not saved: no connection to the server; all is still on this page.',
  '未能暂存：页面已失效，内容仍在本页。': 'Draft not saved: the page has expired; all is still on this page.',
  '未能暂存：登录已失效，内容仍在本页。': 'Draft not saved: the sign-in has expired; all is still on this page.',
  '未能暂存：登录账号已更换，内容仍在本页。': 'Draft not saved: somebody else is signed in; all is still on this page.',
  '未能暂存：系统繁忙，内容仍在本页。': 'Draft not saved: the system is busy; all is still on this page.',
  '未能暂存：{0}': 'Draft not saved: {0}',
  在新窗口重新登录: 'Sign in again in a new window',
  普通版: 'Standard',
  长辈版: 'Large print',
  复制: 'Copy',
  复制全部: 'Copy all',
  '复制全部：{0}': 'Copy all: {0}',
  '复制{0}': 'Copy {0}',
  已复制: 'Copied',
  复制失败: 'Not copied',
  连接不上服务器: 'No connection to the server',
  '内容没有提交，仍保留在本页。请检查网络后再提交。': 'Nothing was submitted; all is still on this page. Check the network and submit again.',
  登录已失效: 'The sign-in has expired',
  '请在新窗口重新登录，再回到本页提交。本页填写的内容都还在。': 'Sign in again in a new window, then submit here. All is still on this page.',
  系统繁忙: 'The system is busy',
  '内容没有提交，仍保留在本页。请稍后再提交。': 'Nothing was submitted; all is still on this page. Submit again later.',
  '本浏览器现在登录的是“{0}”，不是打开本页的人，不能提交。请退出后由原办理人重新登录，再回到本页提交。':
    'This browser is now signed in as "{0}", who did not open this page. Sign out, let the former person sign in, then submit here.',
  登录账号已更换: 'Somebody else is signed in',
  返回本页: 'Back to this page',
  在新窗口登录: 'Sign in in a new window',
  新窗口: 'New window',
  左转: 'Turn left',
  右转: 'Turn right',
  适合: 'Fit',
  上一个: 'Previous',
  下一个: 'Next',
  '已选 {0} 件': '{0} chosen',
  材料查看: 'Viewing materials',
};
const SENTENCES = Object.entries(ENGLISH)
  .filter(([word]) => word.includes('{0}'))
  .map(([word, english]) => [new RegExp(`^${word.replace(/\{\d\}/g, '([^]+?)')}$`), english]);

export function said(word) {
  if (document.documentElement.lang !== 'en' || typeof word !== 'string') return word;
  if (ENGLISH[word]) return ENGLISH[word];
  for (const [pattern, english] of SENTENCES) {
    const [, ...values] = word.match(pattern) ?? [];
    if (values.length) return english.replace(/\{(\d)\}/g, (_, place) => values[place]);
  }
  return word;
}
