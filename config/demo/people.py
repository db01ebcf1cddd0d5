"""The people, goods and words of the demo company."""

from agents.models import Role

COMPANY = "Hoa Sen Outdoor"
ZONE = "Asia/Ho_Chi_Minh"
DEPARTMENTS = {"sales": "Sales", "support": "Support", "returns": "Returns & warranty"}

# name, local part of the address, role, departments, skills, most chats at once
TEAM = (
    ("Nguyễn Minh Anh", "minh.anh", Role.OWNER, (), ("vi", "en"), 5),
    ("Trần Quốc Bảo", "quoc.bao", Role.ADMIN, (), ("vi", "en"), 5),
    ("Lê Thu Hà", "thu.ha", Role.SUPERVISOR, ("support", "returns"), ("vi", "en"), 6),
    ("Phạm Gia Huy", "gia.huy", Role.OPERATOR, ("support", "returns"), ("vi", "en"), 6),
    ("Đỗ Khánh Linh", "khanh.linh", Role.OPERATOR, ("sales",), ("vi", "en"), 6),
    ("Azizbek Tursunov", "azizbek", Role.OPERATOR, ("returns",), ("uz", "en"), 4),
    ("Dilnoza Karimova", "dilnoza", Role.OPERATOR, ("sales", "support", "returns"), ("uz", "en"), 6),
)

# name, e-mail or nothing, how they speak of themselves (Vietnamese has no neutral word)
VISITORS = {
    "vi": (
        ("Hoàng Thảo Vy", "thaovy.hoang@example.com", "em"),
        ("Nguyễn Đức Thắng", "ducthang@example.com", "anh"),
        ("Phan Ngọc Mai", "", "mình"),
        ("Bùi Tuấn Kiệt", "kiet.bui@example.com", "mình"),
        ("Võ Thị Hồng Nhung", "hongnhung@example.com", "chị"),
        ("Đặng Hải Đăng", "", "em"),
        ("Lý Gia Hân", "giahan.ly@example.com", "mình"),
        ("Trương Quang Vinh", "vinh.truong@example.com", "anh"),
        ("Ngô Bảo Trâm", "", "em"),
        ("Hồ Minh Khôi", "khoi.ho@example.com", "mình"),
        ("Dương Yến Nhi", "yennhi@example.com", "em"),
        ("Mai Thanh Tùng", "", "anh"),
        ("Phùng Khánh An", "khanhan@example.com", "mình"),
        ("Tạ Hữu Phước", "huuphuoc@example.com", "anh"),
        ("Chu Thùy Dương", "", "chị"),
        ("La Chí Bảo", "chibao.la@example.com", "mình"),
        ("Đinh Ngọc Diệp", "diep.dinh@example.com", "mình"),
        ("Vũ Anh Quân", "", "em"),
        ("Cao Mỹ Linh", "mylinh.cao@example.com", "chị"),
        ("Lâm Quốc Toàn", "toan.lam@example.com", "anh"),
        ("Huỳnh Như Ý", "nhuy@example.com", "em"),
        ("Tô Hoài Nam", "", "mình"),
        ("Quách Thiên Kim", "thienkim@example.com", "mình"),
        ("Nông Văn Sơn", "", "anh"),
    ),
    "en": (
        ("Emily Carter", "emily.carter@example.com", ""),
        ("Jonas Weber", "jonas.weber@example.com", ""),
        ("Priya Nair", "priya.nair@example.com", ""),
        ("Tom O'Brien", "", ""),
        ("Sofia Rossi", "sofia.rossi@example.com", ""),
        ("Daniel Tan", "daniel.tan@example.com", ""),
        ("Hannah Lindqvist", "", ""),
        ("Marcus Lee", "marcus.lee@example.com", ""),
        ("Chloe Dubois", "chloe.d@example.com", ""),
        ("Aisha Rahman", "aisha.r@example.com", ""),
        ("Ben Whitfield", "", ""),
        ("Yuki Tanaka", "yuki.tanaka@example.com", ""),
    ),
    "uz": (
        ("Jasur Toshmatov", "jasur.t@example.com", ""),
        ("Madina Yoʻldosheva", "madina.y@example.com", ""),
        ("Sardor Rahimov", "", ""),
        ("Nilufar Gʻaniyeva", "nilufar@example.com", ""),
        ("Otabek Saidov", "otabek.saidov@example.com", ""),
        ("Zarina Ismoilova", "", ""),
        ("Bekzod Oʻrinov", "bekzod@example.com", ""),
        ("Kamola Ergasheva", "kamola.e@example.com", ""),
        ("Ulugʻbek Qodirov", "", ""),
    ),
}

TENTS = {
    "vi": ("lều Cloud Peak 2", "lều Sương Mai 3", "lều Bidoup Pro 2"),
    "en": ("Cloud Peak 2 tent", "Morning Mist 3 tent", "Bidoup Pro 2 tent"),
    "uz": ("Cloud Peak 2 chodiri", "Morning Mist 3 chodiri", "Bidoup Pro 2 chodiri"),
}
PACKS = {
    "vi": ("balo Fansipan 60L", "balo Langbiang 45L"),
    "en": ("Fansipan 60L backpack", "Langbiang 45L backpack"),
    "uz": ("Fansipan 60L ryukzagi", "Langbiang 45L ryukzagi"),
}
BAGS = {
    "vi": ("túi ngủ Mây 5°C", "áo khoác Gió Ngàn"),
    "en": ("Mây 5°C sleeping bag",),
    "uz": ("Mây 5°C uyqu xaltasi",),
}
PRICES = ("1.290.000đ", "1.850.000đ", "2.490.000đ", "3.190.000đ", "990.000đ")
DOLLARS = ("64 USD", "89 USD", "118 USD", "149 USD")
CITIES = ("Thủ Đức", "Đà Nẵng", "Cần Thơ", "Biên Hòa", "Đà Lạt")
COMPANIES = ("bluelantern", "sapahills", "mekongtrip", "vietmoss")
WEEKDAYS = ("Wednesday", "Thursday", "Friday")
PAGES = (
    ("/leu/cloud-peak-2", "Lều Cloud Peak 2"),
    ("/balo/fansipan-60l", "Balo Fansipan 60L"),
    ("/gio-hang", "Giỏ hàng"),
    ("/don-hang", "Đơn hàng của bạn"),
    ("/giay/ridge-mid", "Giày Ridge Mid"),
    ("/", "Hoa Sen Outdoor"),
)
REFERRERS = ("https://www.google.com/", "https://www.facebook.com/", "", "")
BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
)
# The bot: its name on the broker, and what the team calls it.
BOT, BOT_NAME = "sen", "Sen"
# What it settles alone in the evening: a question, its answer, and the last word.
SETTLED_BY_BOT = {
    "vi": (
        (
            "Shop mở cửa đến mấy giờ vậy ạ?",
            "Cửa hàng mở cửa 8:00–18:00 hằng ngày, tại 25 Hàng Bông, Hà Nội. Ngoài giờ, Sen trả lời ở đây ạ.",
            "Ok cảm ơn shop",
        ),
        (
            "Đơn {order} đến đâu rồi?",
            "Đơn {order} đang trên đường giao, dự kiến đến ngày mai trước 17:00. Bạn có thể theo dõi ở mục Đơn hàng.",
            "Vậy là được rồi, cảm ơn",
        ),
        (
            "Đổi size thì trong bao nhiêu ngày ạ?",
            "Bạn đổi miễn phí trong 30 ngày nếu sản phẩm còn nguyên tem. Tạo yêu cầu ở mục Đơn hàng là xong ạ.",
            "Tiện quá",
        ),
    ),
    "en": (
        (
            "What are your opening hours?",
            "The shop is open daily from 8:00 to 18:00, at 25 Hang Bong, Hanoi. At night I answer here.",
            "Thanks!",
        ),
        (
            "Where is order {order}?",
            "Order {order} is with the courier and should arrive tomorrow before 17:00. Follow it under Orders.",
            "Great, that is all I needed",
        ),
    ),
    "uz": (
        (
            "{order} buyurtmam qayerda?",
            "{order} buyurtmangiz yoʻlda, ertaga soat 17:00 gacha yetib boradi.",
            "Rahmat",
        ),
    ),
}
# What it says before it fetches a person, and its note for the team.
FETCHED_BY_BOT = {
    "vi": (
        "Chào {visitor}, mình là Sen. Câu này để đồng nghiệp mình trả lời nhé.",
        "Sen chưa có câu trả lời.",
    ),
    "en": (
        "Hello {visitor}, I am Sen, the shop’s bot. A colleague will answer this.",
        "I have no answer to this.",
    ),
    "uz": ("Salom {visitor}, men Sen botman. Bu savolga hamkasbim javob beradi.", "Bunga javobim yoʻq."),
}
# What people write when nobody is there, and never come back to.
AFTER_HOURS = {
    "vi": (
        "Shop còn làm việc không ạ? Mình muốn hỏi về đơn {order}",
        "Cho mình hỏi {product} còn hàng không?",
        "Có ai ở đó không ạ",
    ),
    "en": (
        "Anyone there? I have a question about order {order}",
        "Do you have the {product} in stock?",
    ),
    "uz": (
        "Salom, hozir ishlayapsizmi? {order} buyurtma haqida savolim bor edi",
        "{product} bormi?",
    ),
}
# What the team says often: shortcut, title, text.
ANSWERS = (
    (
        "giao-hang",
        "Thời gian giao hàng",
        "Nội thành Hà Nội, Đà Nẵng, Đà Lạt và TP.HCM giao trong 2 ngày, các tỉnh khác 3 đến 5 ngày. "
        "Miễn phí giao cho đơn từ 1.000.000đ.",
    ),
    (
        "doi-tra",
        "Đổi trả",
        "Bạn đổi trả miễn phí trong 60 ngày, kể cả khi đã dùng thử. Tạo yêu cầu ở mục Đơn hàng, "
        "bên mình gửi nhãn trả hàng qua email ạ.",
    ),
    (
        "bao-hanh",
        "Bảo hành",
        "Khóa kéo, khung lều, đế giày và đường may được sửa trọn đời, bạn chỉ trả chi phí vật tư. "
        "Gửi ảnh chỗ hỏng ở đây, mình báo giá trong ngày.",
    ),
    (
        "thanh-toan",
        "Thanh toán",
        "Bạn có thể trả bằng thẻ, chuyển khoản, ví điện tử hoặc tiền mặt khi nhận hàng trên toàn quốc.",
    ),
    (
        "chon-size",
        "Chọn size giày",
        "Bạn đo bàn chân vào buổi tối rồi cộng thêm 8 mm. Nếu nằm giữa hai size, hãy chọn size lớn hơn.",
    ),
    (
        "gio-mo-cua",
        "Giờ mở cửa",
        "Cửa hàng mở cửa từ thứ hai đến thứ bảy, 8:00 đến 18:00, tại 12 Phan Đình Phùng, Đà Lạt.",
    ),
    (
        "shipping",
        "Shipping abroad",
        "We ship abroad by DHL in 4 to 6 working days for a flat 18 USD, free above 150 USD. "
        "Duties are shown at checkout.",
    ),
    (
        "returns",
        "Returns",
        "You can return anything within 60 days, even if you have slept in it. Make a request under Orders and we mail "
        "you a label.",
    ),
    (
        "yetkazish",
        "Yetkazib berish",
        "Toshkentga 5 ish kunida, boshqa viloyatlarga 7 ish kunigacha yetkazamiz. 150 USD dan ortiq buyurtma bepul.",
    ),
)
# What the shop says by itself to whoever looks around for a while.
PROMPT_NAME = "Tư vấn chọn đồ"
PROMPT = {
    "vi": "Bạn đang phân vân chọn lều hay balo? Mình tư vấn nhanh cho nhé!",
    "en": "Not sure which tent or backpack fits your trip? Ask us, we have slept in all of them.",
    "uz": "Qaysi chodir yoki ryukzak kerakligini bilmayapsizmi? Soʻrang, yordam beramiz!",
}
# What the command is called that knows orders, and what its card shows of an order.
ORDER_TITLE = "Đơn hàng"
ORDER_SHOWN = ("status = Trạng thái", "carrier = Vận chuyển", "total = Tổng tiền", "paid = Đã thanh toán")
ORDER_STATES = ("Đang đóng gói", "Đang giao", "Ở kho trung chuyển", "Đã giao", "Đang đổi hàng")
CARRIERS = ("GHN", "Viettel Post", "VNPost", "DHL")
ASSISTANT_NAME = "Trợ lý Hoa Sen"
ASSISTANT_TONE = (
    "Xưng mình, gọi khách là bạn. Trả lời ngắn, ấm áp, bằng ngôn ngữ của khách. Không hứa ngày giao cụ thể, "
    "không nói về giá của đối thủ."
)
