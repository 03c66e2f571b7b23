"""The words that made-up organisations are named by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """Something that departments are called after: its usual name, others for the same, and its Chinese name.

    ``listed``: whether the operator's aliases hold it; they join the usual name, an acronym, and the Chinese name.
    """

    name: str
    short: str
    others: tuple[str, ...]
    chinese: str
    listed: bool = True

    def aliases(self) -> tuple[str, ...]:
        """The group of it in the operator's aliases."""
        acronym = (self.short,) if self.short and not self.short.endswith(".") else ()
        return (self.name, *acronym, self.chinese)


_FUNCTIONS = """
Engineering               | Eng.   | Engineering Department           | 工程部
Research and Development  | R&D    | Research & Development           | 研发部
Human Resources           | HR     | People and Culture, Personnel    | 人力资源部
Information Technology    | IT     | IT Services                      | 信息技术部
Finance                   | Fin.   | Finance Department               | 财务部
Accounting                | Acct.  | Bookkeeping                      | 会计部
Marketing                 | Mktg.  | Marketing and Communications     | 市场部
Sales                     |        | Sales Department                 | 销售部
Support                   |        | Customer Service, Helpdesk       | 支持部
Customer Success          | CS     | Client Success                   | 客户成功部
Legal                     |        | Legal Affairs, Legal Department  | 法务部
Procurement               | Proc.  | Purchasing                       | 采购部
Logistics                 | Log.   | Logistics and Transport          | 物流部
Warehouse                 | WH     | Storage                          | 仓储部
Quality Assurance         | QA     | Quality Control                  | 质量保证部
Operations                | Ops    | Business Operations              | 运营部
Product Management        | PM     | Product Mgmt.                    | 产品管理部
Design                    |        | Design Studio                    | 设计部
User Experience           | UX     | Usability                        | 用户体验部
Data Science              | DS     | Data Analytics                   | 数据科学部
Business Intelligence     | BI     | Reporting                        | 商业智能部
Information Security      | InfoSec| IT Security                      | 信息安全部
Facilities                | Fac.   | Facility Management              | 设施管理部
Public Relations          | PR     | Press Office                     | 公关部
Business Development      | BD     | Biz Dev                          | 业务拓展部
Internal Audit            | IA     | Audit                            | 内部审计部
Risk Management           | RM     | Risk                             | 风险管理部
Treasury                  |        | Cash Management                  | 资金部
Payroll                   |        | Compensation                     | 薪酬部
Recruiting                | TA     | Talent Acquisition               | 招聘部
Training                  | L&D    | Learning and Development         | 培训部
Manufacturing             | Mfg.   | Production                       | 生产部
Maintenance               | Maint. | Repair and Maintenance           | 维护部
Supply Chain              | SCM    | Supply Chain Management          | 供应链部
Field Service             | FS     | On-site Service                  | 现场服务部
Infrastructure            | Infra  | Platform Infrastructure          | 基础设施部
Compliance                | Compl. | Regulatory Affairs               | 合规部
Project Management Office | PMO    | Project Office                   | 项目管理办公室
"""
_REGIONS = """
Europe                    | EU     | European Region                  | 欧洲
Asia Pacific              | APAC   | Asia and Pacific                 | 亚太区
Americas                  | AMER   | North and South America          | 美洲
"""


def _read(table: str) -> tuple[Word, ...]:
    """Every fourth word is one that the operator did not think of."""
    found = []
    for number, line in enumerate(table.strip().splitlines()):
        name, short, others, chinese = (cell.strip() for cell in line.split("|"))
        found.append(Word(name, short, tuple(others.split(", ")), chinese, listed=number % 4 != 3))
    return tuple(found)


FUNCTIONS, REGIONS = _read(_FUNCTIONS), _read(_REGIONS)
WORDS = FUNCTIONS + REGIONS

TOPS = ("Group Functions", "Technology", "Shared Services", "Ventures", "Industrial Solutions")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).split(", "))


COUNTRIES = (
    _listed("Germany, France, Spain, Italy, Poland, Sweden, Netherlands, Austria, Switzerland, Portugal, Ireland"),
    _listed("China, Japan, Singapore, India, Australia, Vietnam, Thailand, Indonesia, Korea"),
    _listed("Canada, Mexico, Brazil, Argentina, Chile, Colombia, Peru, Uruguay, Panama"),
)
"""By region."""
CITIES = _listed("""
    Berlin, Munich, Hamburg, Lyon, Paris, Madrid, Sevilla, Milano, Torino, Warszawa, Gdańsk, Malmö, Göteborg, Utrecht,
    Graz, Wien, Zürich, Genève, Porto, Lisboa, Cork, Dublin, Shanghai, Shenzhen, Chengdu, Osaka, Nagoya, Pune, Chennai,
    Perth, Brisbane, Hanoi, Bangkok, Toronto, Calgary, Puebla, Monterrey, Curitiba, Recife, Rosario, Santiago, Bogotá
""")
KINDS = _listed("""
    Strategic, Technical, Global, Inside, Key Account, Enterprise, Digital, Industrial, Consumer, Public Sector,
    Northern, Southern, Central, Corporate, Mobile, Embedded, Cloud, Retail, Partner, Commercial, Clinical, Automotive,
    Energy, Healthcare, Aftermarket, Export, Indirect, Direct, Internal, Regional
""")
PRODUCTS = _listed("""
    Atlas, Borealis, Cobalt, Dynamo, Ember, Falcon, Granite, Helix, Indigo, Juniper, Krypton, Lumen, Meridian, Nimbus,
    Onyx, Pegasus, Quasar, Raven, Sirius, Titan, Umbra, Vertex, Willow, Xenon, Yukon, Zephyr, Aurora, Basalt, Cirrus,
    Delta, Eclipse, Fjord, Glacier, Horizon, Iris, Jade, Kestrel, Lotus, Mistral, Nova
""")
TEAMS = _listed("""
    Team A, Team B, Team C, Early Shift, Late Shift, Night Shift, First Level, Second Level, Front Office, Back Office,
    Squad 1, Squad 2, Squad 3, Line 1, Line 2, Line 3, Projects, Administration, Planning, Analysis
""")
