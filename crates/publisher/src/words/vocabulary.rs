//! The words of lines that only count or date themselves, by language. A table only; the rule is in
//! [`super::furniture`].
//!
//! Left out on purpose: what also says news. "Votes" and "points" are results, "years" and
//! "million" are amounts, German `die` would hide "Update: 12 die".

/// What such lines say in one language. Capitals, accents and apostrophes do not matter.
pub(super) struct Language {
    /// Say when the page was last changed.
    pub(super) dated: &'static str,
    /// Say what is counted, or that a span of time lies back.
    pub(super) counted: &'static str,
    /// Numbers and times in words. Names of months that titles are read by need not be here.
    pub(super) times: &'static str,
    /// What may stand between.
    pub(super) links: &'static str,
}

/// Clock, zones, units and counts that are written alike everywhere.
pub(super) const EVERYWHERE: &str = "h m s k min am pm t z utc gmt bst ist est edt cst cdt mst mdt \
pst pdt et cet cest mez mesz eet eest wet msk jst kst hkt sgt wib wita aest aedt awst sast pkt";

pub(super) const LANGUAGES: &[Language] = &[
    // English
    Language {
        dated: "updated modified edited",
        counted: "update comment comments view views share shares like likes read reads reading \
reactions replies responses ago",
        times: "no one a an second seconds sec secs minute minutes mins hour hours hr hrs day days \
week weeks month months today yesterday now just moment moments noon midnight monday tuesday \
wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
        links: "last first on at of the this to in and time local article story page post was were \
published posted date st nd rd th",
    },
    // German
    Language {
        dated: "aktualisiert aktualisierung geändert änderung bearbeitet überarbeitet",
        counted: "update stand kommentar kommentare aufruf aufrufe lesezeit lesedauer geteilt \
gelesen vor",
        times: "kein keine keinen ein eine einer einem sekunde sekunden minute minuten stunde \
stunden std tag tage tagen woche wochen monat monaten heute gestern vorgestern jetzt gerade eben \
mittag mitternacht montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi \
do fr sa so uhr",
        links: "am um zuletzt letzte letzten letztes letztmals der den dem das vom von zum mal \
dieser artikel beitrag text wurde datum zeit ca etwa veröffentlicht erstellt",
    },
    // French
    Language {
        dated: "mis mise modifié modifiée modification actualisé actualisée",
        counted: "commentaire commentaires vue vues partage partages lecture réactions y",
        times: "aucun aucune un une seconde secondes minute minutes mn heure heures jour jours \
semaine semaines mois hier aujourd hui instant midi minuit lundi mardi mercredi jeudi vendredi \
samedi dimanche lun mar mer jeu ven sam dim janv févr avr juil déc j er",
        links: "le la les l à a de d du dernière dernier ce cet cette article été il en vers et \
publié publiée date temps environ",
    },
    // Spanish
    Language {
        dated: "actualizado actualizada actualización modificado modificada modificación editado",
        counted: "comentario comentarios vistas visitas lectura lecturas compartir compartido hace",
        times: "sin ningún un una uno segundo segundos minuto minutos hora horas hr hrs hs día días \
semana semanas mes meses hoy ayer ahora mediodía medianoche lunes martes miércoles jueves viernes \
sábado domingo lun mar mié jue vie sáb dom ene abr ago dic",
        links: "a al las la el los de del en última último por y veces este esta artículo nota \
noticia fue ha sido publicado publicada fecha tiempo",
    },
    // Portuguese
    Language {
        dated: "atualizado atualizada atualização actualizado actualizada actualização modificado \
modificada modificação alterado editado",
        counted: "comentário comentários visualizações leitura leituras partilhas \
compartilhamentos compartilhar há atrás",
        times: "sem nenhum um uma segundo segundos minuto minutos hora horas dia dias semana semanas \
mês meses hoje ontem agora segunda terça quarta quinta sexta feira sábado domingo seg ter qua qui \
sex sáb dom fev abr mai ago set out dez",
        links: "às as à a o os em no na de do da por e última último este esta artigo notícia texto \
foi publicado publicada data tempo cerca",
    },
    // Italian
    Language {
        dated: "aggiornato aggiornata aggiornamento modificato modificata modifica",
        counted: "commento commenti visualizzazioni lettura letture condivisioni fa",
        times: "nessun nessuno un una uno secondo secondi minuto minuti ora ore giorno giorni \
settimana settimane mese mesi oggi ieri adesso mezzogiorno mezzanotte lunedì martedì mercoledì \
giovedì venerdì sabato domenica lun mar mer gio ven sab dom gen febbr mag giu lug set ott dic",
        links: "alle all il lo la le l del di da a in ultimo ultima questo articolo è stato stata \
pubblicato pubblicata e data tempo circa",
    },
    // Catalan
    Language {
        dated: "actualitzat actualitzada actualització modificat modificada",
        counted: "comentari comentaris lectura fa",
        times: "cap un una minut minuts hora hores dia dies avui ahir dilluns dimarts dimecres \
dijous divendres dissabte diumenge gener febrer març abril maig juny juliol agost setembre octubre \
novembre desembre",
        links: "a les el la de d l del darrera darrer última temps publicat publicada",
    },
    // Dutch
    Language {
        dated: "bijgewerkt geüpdatet gewijzigd aangepast",
        counted: "update reactie reacties weergaven gedeeld leestijd gelezen geleden",
        times: "geen een seconde seconden minuut minuten uur uren dag dagen week weken maand maanden \
vandaag gisteren nu zojuist net maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di \
wo do vr za zo mrt",
        links: "om op laatst laatste wijziging het van de keer en dit artikel is werd gepubliceerd \
geplaatst datum u",
    },
    // Swedish
    Language {
        dated: "uppdaterad uppdaterat uppdaterades uppdatering ändrad redigerad",
        counted: "kommentar kommentarer visningar delningar lästid läst sedan",
        times: "ingen inga en ett sekund sekunder minut minuter timme timmar tim dag dagar vecka \
veckor månad månader idag igår går nu nyss måndag tisdag onsdag torsdag fredag lördag söndag mån \
tis ons tors fre lör sön",
        links: "kl klockan den senast senaste för i av på publicerad publicerades artikeln",
    },
    // Danish
    Language {
        dated: "opdateret opdatering redigeret ændret",
        counted: "kommentar kommentarer visninger delinger læsetid læst siden",
        times: "ingen en et sekund sekunder minut minutter time timer dag dage uge uger måned \
måneder går nu mandag tirsdag onsdag torsdag fredag lørdag søndag man tir ons tor fre lør søn",
        links: "kl klokken den d senest seneste sidst for i af på publiceret artiklen",
    },
    // Norwegian
    Language {
        dated: "oppdatert oppdatering endret redigert",
        counted: "kommentar kommentarer visninger delinger lesetid lest siden",
        times: "ingen en et sekund sekunder minutt minutter time timer dag dager uke uker måned \
måneder går nå mandag tirsdag onsdag torsdag fredag lørdag søndag man tir ons tor fre lør søn \
desember des",
        links: "kl klokken den sist siste for i av på publisert artikkelen",
    },
    // Finnish
    Language {
        dated: "päivitetty päivitys muokattu muutettu",
        counted: "kommentti kommenttia kommentit katselukertaa näyttökertaa jakoa lukuaika sitten",
        times: "ei yksi sekunti sekuntia minuutti minuuttia tunti tuntia päivä päivää viikko viikkoa \
kuukausi kuukautta tänään eilen nyt maanantai maanantaina tiistai tiistaina keskiviikko \
keskiviikkona torstai torstaina perjantai perjantaina lauantai lauantaina sunnuntai sunnuntaina \
ma ti ke to pe la su",
        links: "klo viimeksi viimeisin n julkaistu artikkeli artikkelia on",
    },
    // Polish
    Language {
        dated: "aktualizacja aktualizacji zaktualizowano zaktualizowany zmodyfikowano zmieniono \
edytowano modyfikacja",
        counted: "komentarz komentarze komentarzy wyświetlenia wyświetleń odsłon udostępnień \
czytania temu",
        times: "brak jeden jedna sekundy sekund minutę minuty minut godzinę godziny godzin godz dzień \
dni tydzień tygodnie tygodni miesiąc miesiące miesięcy dziś dzisiaj wczoraj teraz poniedziałek \
wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob ndz",
        links: "o w z dnia ostatnia ostatnio data czas publikacja opublikowano artykuł artykułu roku r",
    },
    // Czech
    Language {
        dated: "aktualizováno aktualizace upraveno změněno změna úprava",
        counted: "komentář komentáře komentářů zobrazení přečtení sdílení čtení příspěvků před",
        times: "žádný žádné jeden jedna sekundami minuta minuty minut minutou minutami hodina hodiny \
hodin hodinou hodinami hod den dny dní dnem dnes včera nyní pondělí úterý středa čtvrtek pátek \
sobota neděle po út st čt pá so ne ledna února března dubna května června července srpna září října \
listopadu prosince",
        links: "v ve dne poslední naposledy čas doba publikováno vydáno článek článku",
    },
    // Slovak
    Language {
        dated: "aktualizované aktualizácia upravené zmenené zmena úprava",
        counted: "komentár komentáre komentárov zobrazení zdieľaní čítania pred",
        times: "žiadne žiadny jeden jedna minúta minúty minút minútou minútami hodina hodiny hodín \
hodinou hodinami hod deň dni dní dňom dňami dnes včera teraz pondelok utorok streda štvrtok piatok \
sobota nedeľa januára februára marca apríla mája júna júla augusta septembra októbra novembra \
decembra",
        links: "o v dňa posledná naposledy čas publikované článok",
    },
    // Hungarian
    Language {
        dated: "frissítve frissült frissítés módosítva módosítás szerkesztve",
        counted: "hozzászólás komment megtekintés megosztás olvasási ezelőtt",
        times: "nincs egy perc perccel perce óra órával órája nap nappal napja hete ma tegnap most \
hétfő kedd szerda csütörtök péntek szombat vasárnap január február március április május június \
július augusztus szeptember október jan febr márc ápr máj jún júl szept",
        links: "utolsó utoljára legutóbb legutóbbi a az és idő",
    },
    // Romanian
    Language {
        dated: "actualizat actualizată actualizare actualizarea modificat modificare",
        counted: "comentariu comentarii vizualizări afișări distribuiri citire acum",
        times: "niciun un o minut minute oră ore zi zile săptămână săptămâni lună luni azi ieri marți \
miercuri joi vineri sâmbătă duminică ianuarie februarie martie aprilie mai iunie iulie septembrie \
octombrie noiembrie decembrie ian iun iul",
        links: "la ora în de a al ultima ultimul data timp publicat articol",
    },
    // Croatian, Serbian and Bosnian, in both scripts
    Language {
        dated: "ažurirano ažurirana ažuriranje izmijenjeno izmenjeno ажурирано ажурирање измењено",
        counted: "komentar komentara komentari pregleda prije pre коментар коментара коментари пре",
        times: "nema jedan minut minuta minute sat sata sati dan dana danas jučer juče ponedjeljak \
ponedeljak utorak srijeda sreda četvrtak petak subota nedjelja nedelja siječnja veljače ožujka \
travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga studenog prosinca januara februara \
aprila juna jula avgusta septembra oktobra novembra decembra нема један минут минута сат сата сати \
дана данас јуче понедељак уторак среда четвртак петак субота недеља јануар фебруар март април мај \
јун јул август септембар октобар новембар децембар",
        links: "u zadnje zadnji posljednje posljednji poslednje poslednja put у последње последња пут",
    },
    // Bulgarian
    Language {
        dated: "обновена обновено обновен актуализирана актуализирано актуализация редактирана",
        counted: "коментар коментара коментари прочитания преглеждания споделяния преди",
        times: "няма един една минута минути мин час часа ден дни днес вчера сега понеделник вторник \
сряда четвъртък петък събота неделя януари февруари март април май юни юли август септември \
октомври ноември декември г ч",
        links: "в на от последно последна",
    },
    // Russian
    Language {
        dated: "обновлено обновлена обновлён обновление изменено изменён отредактировано дополнено",
        counted: "комментарий комментария комментариев комментарии просмотр просмотра просмотров \
просмотры репостов чтения назад",
        times: "нет один одна одну секунду секунды секунд минута минуту минуты минут мин час часа \
часов день дня дней неделю недели недель месяц месяца месяцев сегодня вчера сейчас только что \
понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье пн вт ср чт пт \
сб вс янв фев февр апр авг сен сент окт ноя нояб дек ч",
        links: "в во на от по последнее последний последняя раз дата время мск московскому времени \
опубликовано статья г год года",
    },
    // Ukrainian
    Language {
        dated: "оновлено оновлення змінено відредаговано доповнено",
        counted: "коментар коментаря коментарі коментарів перегляд перегляди переглядів поширень \
читання тому",
        times: "немає жодного один одна одну секунд хвилина хвилину хвилини хвилин хв година годину \
години годин год день дні днів тиждень тижні тижнів сьогодні вчора щойно зараз понеділок вівторок \
середа четвер п ятниця субота неділя пн вт ср чт пт сб нд",
        links: "о об в у на від за останнє останній востаннє час дата опубліковано року р",
    },
    // Greek
    Language {
        dated: "ενημέρωση ενημερώθηκε τροποποίηση τροποποιήθηκε",
        counted: "σχόλιο σχόλια προβολή προβολές κοινοποιήσεις ανάγνωσης πριν",
        times: "κανένα χωρίς ένα μία λεπτό λεπτά λεπτών ώρα ώρες ημέρα ημέρες μέρα μέρες σήμερα χθες \
τώρα δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή ιανουαρίου φεβρουαρίου μαρτίου απριλίου \
μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου ιαν φεβ μαρ απρ μαι ιουν \
ιουλ αυγ σεπ οκτ νοε δεκ πμ μμ",
        links: "τελευταία τελευταίο στις στη στην στο η ο το του της και από χρόνος δημοσίευση \
δημοσιεύτηκε",
    },
    // Turkish
    Language {
        dated: "güncellendi güncelleme güncellenme düzenlendi değiştirildi",
        counted: "yorum yorumlar okunma görüntülenme görüntüleme paylaşım okuma önce",
        times: "yok bir henüz hiç saniye dakika dk saat gün hafta ay bugün dün şimdi az pazartesi salı \
çarşamba perşembe cuma cumartesi pazar oca şub nis haz tem ağu eyl eki kas ara",
        links: "son tarihi tarih süresi saati yayınlanma giriş",
    },
    // Arabic
    Language {
        dated: "تحديث التحديث تعديل التعديل",
        counted: "تعليق تعليقا تعليقات التعليقات مشاهدة مشاهدات مشاركة مشاركات القراءة للقراءة منذ قبل",
        times: "لا بدون واحد ثانية دقيقة دقيقتين دقائق ساعة ساعتين ساعات يوم يومين أيام أسبوع أسابيع \
شهر أشهر اليوم أمس الآن الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت يناير فبراير مارس أبريل \
مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر كانون شباط آذار نيسان أيار حزيران تموز آب أيلول \
تشرين الأول الثاني صباحا مساء ص م",
        links: "آخر في الساعة على من تم وقت توجد تاريخ بتاريخ نشر توقيت بتوقيت غرينتش",
    },
    // Persian
    Language {
        dated: "به‌روزرسانی بروزرسانی روزرسانی رسانی ویرایش",
        counted: "دیدگاه دیدگاه‌ها نظر نظرات بازدید مطالعه پیش قبل",
        times: "بدون یک دقیقه ساعت روز هفته ماه امروز دیروز اکنون شنبه یکشنبه دوشنبه سه چهارشنبه \
پنجشنبه جمعه فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند ژانویه فوریه مارس \
آوریل مه ژوئن ژوئیه جولای اوت سپتامبر اکتبر نوامبر دسامبر",
        links: "آخرین در به شده تاریخ زمان انتشار",
    },
    // Hebrew
    Language {
        dated: "עודכן עודכנה עדכון נערך",
        counted: "תגובה תגובות צפיות שיתופים קריאה לפני",
        times: "אין אחת שעה שעות שעתיים דקה דקות דק יום ימים יומיים שבוע היום אתמול עכשיו ראשון שני \
שלישי רביעי חמישי שישי שבת בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר \
בנובמבר בדצמבר ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
        links: "לאחרונה אחרון ב בשעה ה של זמן פורסם",
    },
    // Hindi
    Language {
        dated: "अपडेट अपडेटेड अद्यतन संशोधित",
        counted: "टिप्पणी टिप्पणियां टिप्पणियाँ कमेंट कमेंट्स व्यूज शेयर पहले",
        times: "कोई नहीं एक सेकंड मिनट घंटा घंटे दिन सप्ताह महीने आज कल अभी सोमवार मंगलवार बुधवार \
गुरुवार शुक्रवार शनिवार रविवार जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर सितम्बर अक्टूबर नवंबर \
नवम्बर दिसंबर दिसम्बर बजे",
        links: "अंतिम आखिरी बार को पर में का के की समय प्रकाशित किया गया",
    },
    // Bengali
    Language {
        dated: "আপডেট হালনাগাদ",
        counted: "মন্তব্য শেয়ার ভিউ আগে",
        times: "কোনো নেই এক মিনিট ঘণ্টা ঘন্টা দিন আজ গতকাল সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার \
শনিবার রবিবার জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
        links: "সর্বশেষ শেষ টি প্রকাশ প্রকাশিত সময়",
    },
    // Indonesian and Malay
    Language {
        dated: "diperbarui pembaruan diubah dikemaskini dikemas",
        counted: "komentar komen dilihat dibagikan baca lalu",
        times: "tidak ada belum detik menit jam hari minggu bulan kemarin sekarang senin selasa rabu \
kamis jumat sabtu januari februari maret april mei juni juli agustus september oktober november \
desember agu agt ags des julai ogos disember",
        links: "terakhir pada pukul kini kali waktu diterbitkan ini",
    },
    // Vietnamese, which is written by syllables
    Language {
        dated: "nhật",
        counted: "luận xem đọc sẻ trước",
        times: "chưa không một giây phút giờ ngày tuần tháng năm hôm nay qua thứ hai ba tư sáu bảy chủ sáng \
chiều tối",
        links: "cập lần cuối cùng lúc bình lượt chia có vào thời gian",
    },
    // Thai, from here on without spaces or nearly so
    Language {
        dated: "อัปเดต อัพเดต อัปเดท แก้ไข ปรับปรุง",
        counted: "ความคิดเห็น ความเห็น คอมเมนต์ เข้าชม ดู แชร์ อ่าน ที่แล้ว ก่อน ที่ผ่านมา",
        times: "ไม่มี วินาที นาที ชั่วโมง ชม วัน สัปดาห์ เดือน วันนี้ เมื่อวาน จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์ \
เสาร์ อาทิตย์ มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม \
พฤศจิกายน ธันวาคม มค กพ มีค เมย พค มิย กค สค กย ตค พย ธค น",
        links: "ล่าสุด ครั้งสุดท้าย ครั้ง เมื่อ เวลา วันที่ ที่ พศ รายการ การ เผยแพร่",
    },
    // Chinese, in both scripts
    Language {
        dated: "更新 修改 编辑 編輯",
        counted: "评论 評論 留言 阅读 閱讀 浏览 瀏覽 观看 觀看 点赞 點讚 分享 转发 轉發 回复 回覆 跟帖 \
点击 點擊 點閱 前",
        times: "暂无 暫無 没有 沒有 无 無 秒 分 分钟 分鐘 时 時 小时 小時 点 點 天 日 月 年 周 週 今天 \
昨天 前天 刚刚 剛剛 上午 下午 晚上 凌晨 中午 星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 \
周一 周二 周三 周四 周五 周六 周日 週一 週二 週三 週四 週五 週六 週日 万 萬",
        links: "最后 最後 最近 最新 于 於 时间 時間 日期 条 條 次 个 個 则 則 篇 共 量 数 數 发布 發布 \
发表 發表 本文 北京时间",
    },
    // Japanese
    Language {
        dated: "更新 編集 改訂",
        counted: "コメント いいね シェア ビュー 閲覧 返信 読了 前",
        times: "なし 秒 分 時 時間 日 月 年 週間 ヶ月 か月 カ月 午前 午後 正午 今日 本日 昨日 たった今 月曜 \
火曜 水曜 木曜 金曜 土曜 日曜 曜日 火 水 木 金 土",
        links: "最終 最新 最後 日時 件 回 の に は 現在 公開 配信 投稿 掲載 約 数 この 記事",
    },
    // Korean
    Language {
        dated: "수정 수정일 최종수정 업데이트 갱신",
        counted: "댓글 조회 조회수 공유 공감 추천 좋아요 전",
        times: "없음 초 분 시 시간 일 월 년 주 개월 오늘 어제 방금 오전 오후 정오 월요일 화요일 수요일 \
목요일 금요일 토요일 일요일 화 수 목 금 토",
        links: "최종 마지막 일시 시각 날짜 개 개의 건 회 입력 등록 기사",
    },
];
