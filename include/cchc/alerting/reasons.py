"""Why a unit's own file is refused, as the officer who keeps it reads it: what is wrong, where in it, what to do.

The errors of `cchc.sources` are written for engineers. What an officer can mend has a line here; whatever has none
stays as it is, in the mail under technical details. A test holds every error that a file can raise to a line.
"""

from __future__ import annotations

import re

from cchc.alerting import words

_SAVE = "mở lại bằng Excel hoặc LibreOffice rồi lưu thành tệp .xlsx mới"
_ONE_ONLY = "chỉ để lại bản đúng"
_CUT_OFF = "tệp hỏng hoặc bị cắt ngang; lưu lại và chép lại cả tệp"
_PASSWORD = "tệp có mật khẩu; lưu lại không đặt mật khẩu"  # noqa: S105  no password
_TOO_MUCH = "tệp quá lớn nên không đọc được; bỏ trang tính, dòng trống và định dạng thừa, hoặc chia nhỏ"
_NOT_TAKEN = "không nhận gì của tệp; gỡ tệp khỏi thư mục nếu là tài liệu mật, bỏ dấu nếu ghi nhầm"
_TWO_TABLES = (
    "dòng tiêu đề lặp lại giữa bảng: hai bảng đã bị ghép; để mỗi bảng ở một tệp hoặc một trang tính riêng"
)
_SECRECY = "vì vậy không biết độ mật của dòng; sửa cho mỗi ô đúng cột"

_START = re.compile(r"\S+(?: \[.+?\])?: ")  # an error of a source begins with its code and the place

#: What the error says → what its unit reads; `{}` are the groups in order, `{:n}` those that are amounts.
_REASONS: tuple[tuple[str, str], ...] = (
    # the folder
    (
        r"the file is not there \(there is (.+)\); the unit must put it into its folder",
        "không có tệp trong thư mục; đang có: {}",
    ),
    (
        r"not one of its files is there \((.+)\); the unit must put them into its folder",
        "trong thư mục không có tệp nào (cần: {})",
    ),
    (r"the file is not there; the unit must put it into its folder", "không có tệp trong thư mục"),
    (
        r"it looks like a copy of (.+): which of the two counts\? The other must go",
        f"tệp có tên như bản sao của tệp {{}}; {_ONE_ONLY} trong thư mục",
    ),
    (
        r"the file changed while it was read; someone is writing it.*",
        "tệp thay đổi trong lúc đọc vì có người đang ghi; ghi dưới tên khác, xong mới đổi thành tên đúng",
    ),
    (r"the file is over (\d+) MB", "tệp lớn hơn {} MB; bỏ trang tính và định dạng thừa, hoặc chia nhỏ"),
    # what kind of file it is
    (r"the file is empty.*", "tệp trống, không có cả dòng tiêu đề"),
    (r"the workbook is empty, or it was cut off|the workbook is damaged(?:, or it was cut off)?", _CUT_OFF),
    (r"the workbook is damaged, or .+", f"tệp hỏng hoặc không phải bảng tính .xlsx, .xls, .ods; {_SAVE}"),
    (r"the workbook has a password; .+", _PASSWORD),
    (r"this is a text \(CSV\), not a workbook; .+", f"tệp là văn bản CSV, không phải bảng tính; {_SAVE}"),
    (r"this is an XML spreadsheet of 2003; .+", f"tệp là bảng tính XML kiểu cũ (2003); {_SAVE}"),
    (r"this is a page \(HTML or XML\), .+", f"tệp là trang web, không phải bảng tính; {_SAVE}"),
    (r"this is a ZIP archive, not a workbook", "tệp là tệp nén ZIP, không phải bảng tính; giải nén trước"),
    (r"this is (?:not a|no) workbook.*", f"tệp không phải bảng tính đọc được; {_SAVE}"),
    (r"the reader broke down on it.*|a part of the workbook is not UTF-8", f"không đọc được tệp; {_SAVE}"),
    (r"the workbook declares a DTD or an entity, .+", f"tệp có phần khai báo không được phép; {_SAVE}"),
    (r"a cell with an error or a formula does not say where it stands", f"tệp ghi sai vị trí ô; {_SAVE}"),
    (r"it holds a number without end .+", "có ô chứa số vô hạn hoặc không xác định; sửa công thức của ô"),
    (
        r"the file needs more than .+ to read|the workbook unpacks to more than is sensible"
        r"|(?:its rows are|a row is) longer than is sensible",
        _TOO_MUCH,
    ),
    (
        r"the sheet has exactly .+ rows, all that its format holds: suspected cut off",
        "trang tính dài hết mức định dạng tệp chứa được nên có thể đã mất dòng; chia thành nhiều tệp",
    ),
    (
        r"more than (\d+) cells hold errors or formulas without a value",
        "hơn {:n} ô báo lỗi hoặc có công thức chưa được tính; tính lại cả tệp (Excel Ctrl+Alt+F9) rồi lưu",
    ),
    (
        r"this is a binary workbook \(\.xlsb\); save it as \.xlsx",
        "tệp là bảng tính nhị phân (.xlsb); lưu lại thành .xlsx",
    ),
    # marks of secrecy
    (r"its name bears a mark of secrecy: .+", f"tên có dấu mật; {_NOT_TAKEN}"),
    (
        r"a line above the headings is a mark of secrecy: .+",
        f"có dấu mật ở phần trên bảng; {_NOT_TAKEN}",
    ),
    (
        r"a comment, text box, page header or footer is a mark of secrecy: .+",
        f"có dấu mật trong ghi chú của ô, hộp văn bản hoặc đầu, chân trang in; {_NOT_TAKEN}",
    ),
    # texts
    (
        r"the file is not UTF-8 .+|the file changes its encoding, or was cut off within a letter",
        "bảng mã của tệp không đọc được hoặc tệp bị cắt ngang; lưu lại thành CSV UTF-8",
    ),
    (r"the file is no text, .+", "tệp không phải văn bản CSV dù mang tên đó; lưu lại thành CSV UTF-8"),
    (
        r"its texts are written for a (.+) font, .+",
        "chữ gõ theo phông {}, không phải Unicode; chuyển sang Unicode rồi lưu lại",
    ),
    (
        r"the quotes of the file do not match, or it was cut off",
        "dấu ngoặc kép không khớp hoặc tệp bị cắt ngang",
    ),
    (r"a cell is longer than (\d+) characters", "có ô dài hơn {:n} ký tự; có thể thiếu dấu ngoặc kép"),
    (
        r"the row has (\d+) cells, the heading has (\d+), and the file ends within it: it was cut off",
        "dòng cuối có {} ô, tiêu đề có {} ô: tệp bị cắt ngang; lưu lại và chép lại cả tệp",
    ),
    (
        r"the row has (\d+) cells, the heading has (\d+), so its secrecy level is not known",
        f"dòng có {{}} ô, tiêu đề có {{}} ô, {_SECRECY}",
    ),
    (
        r"(\d+) of (\d+) rows have more or fewer cells than the heading has: a text with (.+) in it .+",
        "{:n} trên {:n} dòng thừa hoặc thiếu ô so với tiêu đề: văn bản có dấu “{}” phải đặt trong ngoặc kép",
    ),
    (r"the line is over (\d+) bytes", "dòng dài hơn {:n} byte; xuất lại tệp từ phần mềm"),
    (r"the line cannot be read: .* \(cut off\)", "dòng bị cắt ngang; xuất lại cả tệp từ phần mềm"),
    (
        r"the line cannot be read: .*|the line is not a JSON object",
        "dòng không đúng định dạng JSON; xuất lại tệp từ phần mềm",
    ),
    (
        r"the record does not state its secrecy level, so nothing of it may be kept",
        "dòng không ghi độ mật; ghi độ mật (hoặc “Thường”) cho mọi dòng",
    ),
    # headings
    (r"heading (.+) is missing", "dòng tiêu đề thiếu cột: {}"),
    (r"heading (.+) stands twice", "dòng tiêu đề có hai lần cột: {}"),
    (r"row (\d+): the headings stand here again.*", f"dòng {{}}: {_TWO_TABLES}"),
    (r"the headings stand here again.*", _TWO_TABLES),
    (
        r"row (\d+) has a value beyond the last heading, so its secrecy level is not known",
        f"dòng {{}} có giá trị ngoài cột tiêu đề cuối, {_SECRECY}",
    ),
    (
        r"(\d+) of (\d+) rows have values beyond the last heading: is a heading missing\?",
        "{:n} trên {:n} dòng có giá trị ngoài cột tiêu đề cuối: bổ sung tiêu đề còn thiếu hoặc xóa giá trị thừa",
    ),
    (
        r"the cells of rows (\d+) to (\d+) are merged; every row needs its own",
        "các ô từ dòng {} đến dòng {} bị gộp; bỏ gộp ô và ghi giá trị vào từng dòng",
    ),
    # days and periods
    (
        r"column (.+): all its dates have a day up to 12, .+",
        "cột {}: ngày và tháng đã bị đảo (gõ ngày/tháng, bảng tính hiểu là tháng/ngày); đặt vùng của máy là Việt Nam "
        "rồi nhập lại các ngày",
    ),
    (
        r"column (.+): its days are written month/day, .+",
        "cột {}: ngày viết theo tháng/ngày; viết lại theo ngày/tháng/năm (dd/mm/yyyy)",
    ),
    (
        r"its (.+) names a period that does not exist",
        "{} nêu một kỳ không có trong lịch; sửa lại kỳ báo cáo",
    ),
    (
        r"its (.+) names a period that ends before it begins",
        "{} nêu kỳ có ngày cuối trước ngày đầu; sửa lại kỳ báo cáo",
    ),
    (
        r"it does not say which days it counts \(looked for in: (.+?)\)",
        "không nêu kỳ báo cáo ở: {}; ghi rõ kỳ",
    ),
    (
        r"it does not say which days it counts \(looked for in: (.+?)\); that it is of (.+) says no days, .+",
        "không nêu kỳ báo cáo ở: {}; chỉ có năm {} thì chưa rõ kỳ: ghi “Kỳ báo cáo: năm …” nếu là cả năm",
    ),
    (
        r"it names different days: (.+); which of them does it count\?",
        "nêu các kỳ khác nhau: {}; sửa cho thống nhất một kỳ",
    ),
    (
        r"the file's name says (.+), and it counts (.+): which of them is it\?",
        "tên tệp nêu kỳ {}, nội dung là của kỳ {}; sửa cho thống nhất một kỳ",
    ),
    (
        r"it is of the same period as sheet (.+), (\S+) to (\S+): which of the two counts\?",
        f"cùng kỳ với trang tính {{}} ({{}} đến {{}}); {_ONE_ONLY}",
    ),
    (r"it does not say which unit it is of", "không nêu tên đơn vị ở phần trên bảng; ghi tên đơn vị"),
    (r"it is of another unit than (.+)", "là của đơn vị khác, không phải {}; thay bằng tệp của đơn vị"),
    # sheets
    (
        r"the workbook has no sheet (?:called )?(.+)",
        "không có trang tính {}; đặt lại tên trang tính cho đúng",
    ),
    (r"the workbook has (\d+) sheet (.+)", f"có {{}} trang tính cùng tên {{}}; {_ONE_ONLY}"),
    (
        r"sheet (.+) looks like a copy of sheet (.+): which of the two counts\?",
        f"trang tính {{}} có tên như bản sao của trang tính {{}}; {_ONE_ONLY}",
    ),
    # forms and totals
    (r"a form of more than (\d+) rows is none", "có hơn {:n} dòng, không phải biểu; xóa phần thừa dưới biểu"),
    (r"it has headings and no row with numbers", "chỉ có tiêu đề, không có dòng số liệu nào"),
    (r"it has no row (.+), which the other rows must add up to", "thiếu dòng {} để đối chiếu tổng"),
    (r"row (\d+) has numbers and no name", "dòng {} có số liệu mà không có tên; ghi tên hoặc xóa số"),
    (
        r"row (\d+) has numbers and stands below the total in row (\d+)",
        "dòng {} có số liệu nhưng nằm dưới dòng tổng {}; chuyển lên trên dòng tổng hoặc xóa",
    ),
    (
        r"column (.+?): the rows add up to (.+), row (\d+) \(.+\) states (.+)",
        "cột {}: cộng các dòng được {:n}, dòng tổng {} ghi {:n}; sửa số sai",
    ),
    (
        r"column (.+?): the rows add up to (.+), since the total before it to (.+), the total in row (\d+) states (.+)",
        "cột {}: cộng mọi dòng phía trên được {:n}, cộng từ sau dòng tổng trước được {:n}, dòng tổng {} ghi {:n}; "
        "sửa số sai",
    ),
    (
        r"column (.+?): the rows add up to (.+), the total in row (\d+) states (.+)",
        "cột {}: cộng các dòng được {:n}, dòng tổng {} ghi {:n}; sửa số sai",
    ),
    (
        r"(\d+) rows stand above it, (\d+) since the total before it, the total in row (\d+) states (.+)",
        "có {:n} dòng phía trên, {:n} dòng từ sau dòng tổng trước, dòng tổng {} ghi {:n} dòng; bổ sung dòng thiếu hoặc "
        "sửa số tổng",
    ),
    (
        r"(\d+) rows stand above it, the total in row (\d+) states (.+)",
        "có {:n} dòng phía trên, dòng tổng {} ghi {:n} dòng; bổ sung dòng thiếu hoặc sửa số tổng",
    ),
)


class _Said(str):
    """What an error tells within its text; with `n` an amount, as it is written in Vietnamese: 1.234,5."""

    def __format__(self, spec: str) -> str:
        whole, comma, rest = self.partition(",")
        if spec == "n" and whole.removeprefix("-").isdigit():
            return words.count(int(whole)) + comma + rest
        return self


_COMPILED = tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in _REASONS)

#: Words within what an error tells: where a period stands, how it is written, what is not stated.
_WITHIN = (
    (re.compile(r"\btitle\b(?=$|,| \d)"), "tiêu đề"),
    (re.compile(r"\bsheet\b(?=$|,| \d)"), "tên trang tính"),
    (re.compile(r"\bfile\b(?=$|,| \d)"), "tên tệp"),
    (re.compile(r"(?<=\d{4}) to (?=\d\d/)"), " đến "),
    (re.compile(r"(?<=\d{4}) in sheet "), " ở trang tính "),
    (re.compile("^nothing$"), "trống"),
    (re.compile(r"^a number of (\d+) digits$"), r"một số có \1 chữ số"),
    (re.compile("^'(.+)'$"), r"\1"),
)


def reason(kind: str, message: str) -> str:
    """Return what is wrong with a unit's own file, in Vietnamese; nothing where it is no file or nothing known."""
    if kind != "files":
        return ""
    start = _START.match(message)
    error = message[start.end() if start else 0 :].rstrip(".")
    for pattern, said in _COMPILED:
        if found := pattern.fullmatch(error):
            return said.format(*map(_within, found.groups()))
    return ""


def sort(said: str) -> str:
    """Return a reason without its numbers: the same mistake in another row, or by another amount, is no news."""
    return re.sub(r"\d[\d.,/]*", "#", said)


def _within(text: str) -> _Said:
    for pattern, said in _WITHIN:
        text = pattern.sub(said, text)
    return _Said(text)
