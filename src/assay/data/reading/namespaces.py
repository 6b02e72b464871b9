"""Names of MediaWiki's namespaces of files, categories and media, whose links are no text of an article, in the languages of large wikis.

From MediaWiki's languages/messages/, with its aliases. A dump's own header names those of its wiki, so these are for articles without one.
"""

HIDDEN_KEYS = frozenset(("-2", "6", "14"))
"""Media, File and Category, as the header of a dump numbers them."""
_FILES = (
    "file image archivo arquivo attēls afbeelding arxiu berkas bestand bild bilde billede datei datoteka dosiero dosya fail fayl fichier "
    "ficheiro fil fitxategi fitxer fişier fișier fájl gambar grafika imagem imagen imagine imatge imaxe imej immagine irudi kuva kép obrázok pilt "
    "plik resim skeda slika soubor súbor tiedosto vaizdas αρχείο εικόνα выява датотека зображення изображение картинка податотека слика сурет "
    "файл ფაილი სურათი պատկեր קובץ תמונה ملف صورة پرونده تصویر चित्र চিত্র படிமம் దస్త్రం ไฟล์ ภาพ ファイル 画像 파일 그림 文件 檔案 档案 "
    "图像 圖像 图片 圖片"
)
_CATEGORIES = (
    "category categoria categoría categorie catégorie kategoria kategori kategorie kategorija kategorio kategooria kategória "
    "kateqoriya luokka κατηγορία категория категорија катэгорыя категорія санат კატეგორია կատեգորիա קטגוריה تصنيف رده زمرہ श्रेणी বিষয়শ্রেণী "
    "பகுப்பு వర్గం หมวดหมู่ カテゴリ 분류 分类 分類"
)
HIDDEN_NAMES = frozenset(
    [
        *_FILES.split(),
        *_CATEGORIES.split(),
        "tập tin",
        "hình",
        "thể loại",
        "media",
        "medio",
        "mídia",
        "медиа",
        "медіа",
        "メディア",
        "媒体",
        "媒體",
    ]
)
"""In small letters, with blanks."""
