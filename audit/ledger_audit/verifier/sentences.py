"""What each code says, zh-CN first and en second. `V_`: the log does not hold; `C_`: something is missing."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # ---- the package as a folder
    "V_NO_PACKAGE": ("{file} 不是检查包,也不是证明文件", "{file} is neither a package nor a proof"),
    "V_ZIP": ("压缩包无法使用({reason})", "the zip cannot be used ({reason})"),
    "V_FILE_MISSING": ("缺少文件 {file}", "the file {file} is missing"),
    "V_FILE_SIZE": ("文件 {file} 过大,最多 {max} 字节", "the file {file} is too big, at most {max} bytes"),
    "V_BAG_DECLARATION": ("{file} 不是 BagIt 1.0 声明", "{file} is no BagIt 1.0 declaration"),
    "V_BAG_MANIFEST": ("清单 {file} 第 {line} 行不对", "line {line} of the manifest {file} is wrong"),
    "V_BAG_DIGEST": ("{file} 的内容与清单上的摘要不符", "{file} differs from the digest in its manifest"),
    "V_BAG_UNLISTED": ("{file} 不在清单上", "{file} stands in no manifest"),
    "V_BAG_NOT_COVERED": ("标签清单没有列入 {file}", "the tag manifest does not list {file}"),
    "V_PACKAGE_NOTE": (
        "检查包签名所写的账本、清单摘要或规模与包内不符",
        "the package's note names another book, manifest or size than the package",
    ),
    "V_PACKAGE_SIGNATURE": ("检查包没有经办单位的有效签名", "the operator's signature on the package does not hold"),
    "V_LINE": ("这一行不完整或过长", "the line is cut off or too long"),
    # ---- forms
    "V_CANONICAL": ("不是规范写法({reason})", "not in canonical form ({reason})"),
    "V_FIELDS": ("「{field}」的字段不对:{found}", "{field} has other fields than it must: {found}"),
    "V_FIELD": ("字段「{field}」的值不对:{value}", "the field {field} has a wrong value: {value}"),
    "V_BASE64": ("「{field}」不是规范的 base64 编码", "{field} is no well-formed base64"),
    "V_ENVELOPE": ("签名信封不对:{value}", "the signed envelope is wrong: {value}"),
    "V_KEY_FORM": ("不是可用的公钥:{value}", "no usable public key: {value}"),
    "V_VKEY": ("--key 不是可用的公钥文本:{value}", "--key is no usable vkey: {value}"),
    "V_WITNESS_VKEY": ("--witness 不是可用的见证公钥文本:{value}", "--witness is no usable key of a witness: {value}"),
    "V_WITNESS_SIGNATURE": (
        "检查点上署名 {name} 的见证签名不是它签的",
        "a line under the checkpoint in the name of the witness {name} was not signed by it",
    ),
    "V_NOTE": ("签名文件格式不对({reason})", "the signed note is malformed ({reason})"),
    "V_CHECKPOINT_FORM": ("检查点格式不对({reason})", "the checkpoint is malformed ({reason})"),
    # ---- the log
    "V_EMPTY": ("账本里没有凭证", "the log holds no voucher"),
    "V_NUMBER": ("存证号应当连续,这里却写着 {stated}", "numbers must have no gap, here stands {stated}"),
    "V_POSITION": ("首笔序号应当接续,这里却写着 {stated}", "positions must have no gap, here stands {stated}"),
    "V_EVENTS_END": (
        "声明有 {stated} 笔事项,文件里只剩 {found} 笔",
        "{stated} events are stated, only {found} are left in the file",
    ),
    "V_EVENTS_LEFT": ("最后一张凭证之后还有多余的事项", "events stand behind the last voucher"),
    "V_ROOT": ("事项与签名时的不一致(被改、被删或被换)", "the events are not those that were signed"),
    "V_EVENT_TWICE": ("事项编号 {id} 出现了两次", "the event id {id} stands twice"),
    "V_VOUCHER_TWICE": ("这张凭证的编号已用过", "the voucher's id was used before"),
    "V_CLOCK_BACK": (
        "入账时间 {posted_at} 早于前一张的 {before}",
        "posted at {posted_at}, before the one before at {before}",
    ),
    "V_ORIGIN": ("凭证属于账本「{ledger}」,不是「{origin}」", "the voucher is of the book {ledger}, not of {origin}"),
    "V_VOUCHER_NO": (
        "凭证字号 {stated} 不对:应为同一主体、同一月份的第 {expected} 号",
        "the voucher number {stated} is wrong: number {expected} of the same entity and month is next",
    ),
    "V_BOOK_NOT_OPENED": ("第一张凭证必须是、且只能是建账", "the first voucher must open the book and do nothing else"),
    "V_CAME_FROM_ITSELF": (
        "接替的账本不能沿用原来的名称 {origin}",
        "a book that takes another's place cannot have its name {origin}",
    ),
    "V_BOOK_TWICE": ("建账只能有一次", "a book is opened once"),
    "V_ADMINISTRATORS": (
        "建账须有三名不同的管理员和四把不同的密钥",
        "a book opens with three administrators and four keys",
    ),
    # ---- signatures and authority
    "V_SIGNATURE": (
        "{officer} 的签名不成立,或密钥从未登记",
        "the signature of {officer} does not hold, or its key was never enrolled",
    ),
    "V_KEY_REVOKED": (
        "{officer} 的密钥 {keyid} 当时已停用或不在有效期",
        "the key {keyid} of {officer} was not in force then",
    ),
    "V_KEY_OF_OTHER": (
        "签名出自别人的密钥 {keyid},不是 {officer} 的",
        "signed with the key {keyid}, which is not of {officer}",
    ),
    "V_KEY_TWICE": ("密钥 {keyid} 重复登记({officer})", "the key {keyid} is enrolled twice ({officer})"),
    "V_KEY_UNKNOWN": ("停用了没有登记的密钥 {keyid}", "a key that was never enrolled is revoked: {keyid}"),
    "V_POSSESSION": (
        "{officer} 的密钥 {keyid} 没有有效的持有证明",
        "the proof of possession of the key {keyid} of {officer} does not hold",
    ),
    "V_OPERATOR_KEY": ("更换经办密钥时写错了原来的密钥", "the rotation of the operator's key names another former key"),
    "V_MAKER_ROLE": (
        "制单人 {officer} 当时没有为「{entity}」制单的权限",
        "{officer} had no role to record for {entity} then",
    ),
    "V_ENTITY": ("会计主体「{entity}」当时还没有登记", "the entity {entity} was not registered then"),
    "V_MACHINE_KIND": ("机器密钥({officer})不得记录:{kinds}", "the machine key of {officer} may not record: {kinds}"),
    "V_TWO_ADMINISTRATORS": ("权限类事项须由一名管理员制单、另一名审核", "acts of authority need two administrators"),
    "V_UNREADABLE": (
        "输入读不了({reason})",
        "the input cannot be read ({reason})",
    ),
    "V_UNCHECKED": (
        "付款、收现金或须审核的事项没有审核人签名,凭证却入了账",
        "posted without a checker's signature, though money left, cash came in, or the act needs one",
    ),
    "V_CAPACITY": ("{officer} 当时没有以「{capacity}」审核的权限", "{officer} did not hold the role {capacity} then"),
    "V_SAME_PERSON": ("{officer} 既制单又审核,或审核了两次", "{officer} made and approved, or approved twice"),
    "V_MACHINE_APPROVES": ("机器密钥({officer})不能审核", "a machine key ({officer}) cannot approve"),
    "V_APPROVAL_OF_OTHER": ("{officer} 审核的不是这张凭证", "{officer} approved another voucher"),
    "V_REJECTED": ("{officer} 的意见是驳回,凭证却入了账", "{officer} rejected the voucher, yet it was posted"),
    "V_ENDED": ("这张凭证此前已被驳回、撤回或失效", "the voucher was rejected, withdrawn or had lapsed before"),
    "V_EXPIRED": ("入账时间 {posted_at} 已过有效期 {valid_until}", "posted at {posted_at}, valid until {valid_until}"),
    "V_SEEN": (
        "{officer} 签名时见过的检查点({size} 张)不是这本账的前段",
        "the checkpoint of size {size} that {officer} had seen is no beginning of this log",
    ),
    "V_SEEN_BACK": ("{officer} 见过的检查点倒退到 {size} 张", "what {officer} had seen went back to size {size}"),
    # ---- checkpoints and keys
    "V_CHECKPOINT_ORDER": (
        "检查点的规模 {stated} 不对或没有递增",
        "the checkpoint's size {stated} is wrong or does not grow",
    ),
    "V_CHECKPOINT_SIZE": (
        "最后的检查点是 {stated} 张凭证,账本有 {found} 张",
        "the last checkpoint covers {stated} of {found} vouchers",
    ),
    "V_CHECKPOINT_SIGNATURE": (
        "{size} 张时的检查点没有经办单位的有效签名",
        "the operator's signature on checkpoint {size} does not hold",
    ),
    "V_OTHER_KEY": (
        "签名用的是另一把密钥(编号 {by}),给出的公钥编号是 {given};经办单位可能换过运行密钥,请用编号 {by} 的公钥核验",
        "it is signed by key {by}, the one given is {given}; the operator may have changed its key: use key {by}",
    ),
    "V_CHECKPOINT_ROOT": ("{size} 张时的检查点与账本内容不符", "checkpoint {size} does not agree with the log"),
    "V_NOT_THIS_KEY": (
        "给出的公钥(「{name}」)不是账本「{origin}」经办单位的",
        "the key given ({name}) is not of the operator of {origin}",
    ),
    "V_KEY_UNPROVEN": (
        "给出的公钥(「{name}」)没有为这份存证包签名,也没有签过换成签名公钥的检查点:账本可能是别人另造的",
        "the key given ({name}) signed neither this package nor the change to the key that did: it may be a forgery",
    ),
    "V_KNOWN_FILE": ("读不到检查点文件 {file}", "the checkpoint file {file} cannot be read"),
    "V_KNOWN_ORIGIN": ("检查点属于账本「{origin}」,不是「{own}」", "the checkpoint is of {origin}, not of {own}"),
    "V_KNOWN_SIGNATURE": (
        "留存的检查点不是这本账的经办单位签的",
        "the known checkpoint was not signed by this log's operator",
    ),
    "V_KNOWN_LATER": (
        "留存的检查点有 {known} 张凭证,账本只有 {found} 张:签它的如果是经办单位后来换的密钥,账本就是被截短了",
        "the known checkpoint has {known} vouchers, the log {found}: if a later key signed it, the log was cut back",
    ),
    "V_CUT_BACK": (
        "账本被截短:曾有 {known} 张凭证,现在只有 {found} 张",
        "the log was cut back: it had {known} vouchers and has {found}",
    ),
    "V_FORK_PROVEN": (
        "经办单位签过两个互相矛盾的检查点({kept} 张与 {shown} 张):同一账本有两个历史",
        "the operator signed two checkpoints that contradict each other ({kept} and {shown} vouchers): two histories",
    ),
    "V_FORK_UNPROVEN": (
        "这份证据不能证明账本分叉({reason})",
        "this evidence does not prove two histories ({reason})",
    ),
    "V_FORK": (
        "账本的历史被改写:与 {known} 张时的检查点不一致",
        "history was rewritten: it contradicts the checkpoint of size {known}",
    ),
    "V_STATE": ("无法读写核验记录 {file}", "the state file {file} cannot be read or written"),
    # ---- money
    "V_POSTING_SUM": (
        "「{fund}」({book})的借贷相差 {fen} 分",
        "debit and credit of {fund} ({book}) differ by {fen} fen",
    ),
    "V_POSTING_ORDER": (
        "分录没有按序号和行号排列,或一笔事项有两个主体",
        "postings are out of order, or of two entities",
    ),
    "V_POSTING_NOWHERE": ("分录的序号 {stated} 在账本里不存在", "there is no position {stated} for this posting"),
    "V_POSTING_ENTITY": ("分录记在「{entity}」,凭证属于「{own}」", "the posting is of {entity}, its voucher of {own}"),
    "V_BALANCE": (
        "余额 {stated} 分不等于分录合计 {computed} 分:{key}",
        "balance {stated} fen, postings {computed} fen: {key}",
    ),
    "V_BALANCE_MISSING": ("缺少余额,分录合计 {computed} 分:{key}", "no balance for postings of {computed} fen: {key}"),
    # ---- a single proof
    "V_PROOF_FORM": ("证明文件格式不对({reason})", "the proof is malformed ({reason})"),
    "V_PROOF_EVENT": ("事项不在这张凭证里(序号 {event})", "the event is not in this voucher (position {event})"),
    "V_PROOF_LEAF": ("凭证不在 {size} 张时的账本里", "the voucher is not in the log of size {size}"),
    # ---- exported events
    "V_EXPORT_CUT": ("导出文件没有末行:已被截断", "the export has no trailer: it was cut off"),
    "V_EXPORT_COUNT": (
        "末行写着 {stated} 笔事项,文件里有 {found} 笔",
        "the trailer states {stated} events, the file has {found}",
    ),
    "V_EXPORT_DIGEST": ("各行内容与末行的校验值不符", "the lines are not those of the trailer's digest"),
    "V_EXPORT_POSITION": (
        "序号应当从起点接续,这里却写着 {stated},应为 {expected}",
        "positions must have no gap: here stands {stated}, {expected} is next",
    ),
    "V_EXPORT_ORDER": ("凭证号或入账时间倒退", "the voucher's number or time goes back"),
    "V_EXPORT_END": (
        "文件止于第 {found} 号凭证,检查点有 {size} 张:后面的被略去",
        "the file ends at voucher {found} and the checkpoint has {size}: the rest was left out",
    ),
    "V_EXPORT_NOTE": (
        "末行的签名所写的与文件不符:账本、起点、条数、校验值或检查点",
        "the trailer's signed note says another book, beginning, count, digest or checkpoint than the file",
    ),
    "V_EXPORT_SIGNATURE": ("导出文件没有经办单位的有效签名", "the operator's signature on the export does not hold"),
    "V_EXPORT_UNSIGNED": (
        "导出文件没有签名:不能证明是完整的,请向经办单位索要签名的导出",
        "the export is not signed, so nothing shows that it is whole: ask the operator for a signed one",
    ),
    # ---- completeness
    "C_EXPORT_FROM": (
        "导出从序号 {first} 起:之前的事项不在文件里,没有核对",
        "the export begins at position {first}: what came before is not in the file and was not checked",
    ),
    "C_EXPORT_ALONE": (
        "导出文件只有事项,由经办单位整体签名:制单和审核的签名、职务、分录和余额没有核对,要核对请用检查包",
        "an export has events alone, signed as a whole: signatures of people, roles, postings, balances: see a package",
    ),
    "C_BANK_LINES": (
        "账户「{account}」有 {count} 行银行流水没有对应的账,合计 {open_fen} 元",
        "{count} bank lines of {account} are not explained, {open_fen} yuan in all",
    ),
    "C_BANK_CHAIN": (
        "账户「{account}」的对账单 {statement} 余额断了 {breaks} 处",
        "the balances of statement {statement} of {account} break in {breaks} places",
    ),
    "C_BANK_APART": (
        "账户「{account}」到 {closed_on} 的对账单期末 {closing_fen} 元,{opened_on} 起的期初 {opening_fen} 元,不相接",
        "statements of {account} are apart: {closing_fen} yuan on {closed_on}, {opening_fen} yuan on {opened_on}",
    ),
    "C_RECEIPT_GAP": (
        "票据 {receipt_code} 缺 {count} 个号:{numbers}",
        "receipts {receipt_code} lack {count} numbers: {numbers}",
    ),
    "C_PLEDGES": (
        "{count} 笔认捐逾期未到账,合计 {overdue_fen} 元",
        "{count} pledges are overdue, {overdue_fen} yuan in all",
    ),
    "C_STALE": (
        "已有 {days} 天没有入账(最后一笔 {posted_at})",
        "nothing was posted for {days} days (last at {posted_at})",
    ),
    "C_ANCHOR_OLD": ("最近一次外部见证在 {days} 天前", "the last witness signed {days} days ago"),
    "C_NOT_COMPARED": (
        "留存的检查点有 {known} 张凭证,这份文件的检查点有 {size} 张:没有检查包不能相互比对",
        "the checkpoint you kept covers {known} vouchers and this file's {size}: only a package can join the two",
    ),
    "C_NO_WITNESS": (
        "没有核实到外部见证方对检查点的签名",
        "no checkpoint is known to be signed by a witness",
    ),
    "C_WITNESS_UNPROVEN": (
        "检查点上有 {count} 个名称的见证签名没有核实,不算见证({names});请用 --witness 给出见证方公布的公钥",
        "lines of {count} witnesses do not count, unchecked ({names}): give their published keys with --witness",
    ),
    "C_WITNESS_AHEAD": (
        "{name} 的见证时间 {time} 还没有到,不算见证",
        "the time that {name} states, {time}, has not come; it does not count",
    ),
    "C_WITNESS_BEFORE": (
        "{name} 的见证时间 {time} 早于所见证的凭证入账的时间 {posted_at},不算见证:见证方的时钟慢了,或入账时间写晚了",
        "{name} states {time}, before what it covers was posted ({posted_at}): its clock was slow, or that is false",
    ),
}

NOTES: Final = frozenset(
    {
        "C_STALE",
        "C_ANCHOR_OLD",
        "C_NO_WITNESS",
        "C_WITNESS_UNPROVEN",
        "C_WITNESS_AHEAD",
        "C_WITNESS_BEFORE",
        "C_NOT_COMPARED",
        "C_EXPORT_FROM",
        "C_EXPORT_ALONE",
    }
)
"""Said beside the gaps, but nothing is missing by them alone."""
