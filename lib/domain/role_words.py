"""The words a role may be made of: positions, areas, and what joins them, in the languages providers answer in.

A role of these words alone says what somebody does and nothing else: no name, no place, no number is among them. The table
private.role_words holds the same words, so that the database refuses any other; a test holds the two together.
"""

_JOINING = """
    of for and the & de des du la le et di del della en y und für van
    """
_POSITIONS = """
    Chief Officer CEO CFO COO CTO CIO CMO CPO CRO CHRO CISO CSO CDO President VP SVP EVP AVP Director Directors
    Management Manager Head Heads Lead Leader Leadership Deputy Assistant Associate Principal Owner Founder Co-Founder
    Partner Chair Chairman Chairwoman Chairperson Member Advisor Adviser Consultant Specialist Expert Analyst Architect
    Engineer Developer Administrator Coordinator Supervisor Representative Agent Buyer Purchaser Planner Strategist
    Scientist Researcher Designer Editor Controller Controllers Accountant Auditor Treasurer Counsel Lawyer Attorney
    Paralegal Secretary Clerk Operator Technician Trainer Recruiter Evangelist Producer Scrum Master Intern Trainee
    Student Geschäftsführer Geschäftsführerin Geschäftsführung Geschäftsleiter Geschäftsleitung Geschäftsbereichsleiter
    Inhaber Inhaberin Gesellschafter Vorstand Vorständin Vorstandsvorsitzender Vorstandsvorsitzende Vorstandsmitglied
    Prokurist Prokuristin Leiter Leiterin Leitung Bereichsleiter Bereichsleiterin Abteilungsleiter Abteilungsleiterin
    Teamleiter Teamleiterin Teamleitung Gruppenleiter Gruppenleiterin Projektleiter Projektleiterin Projektmanager
    Projektmanagerin Einkäufer Einkäuferin Einkaufsleiter Einkaufsleiterin Einkaufsleitung Vertriebsleiter
    Vertriebsleiterin Vertriebsleitung Verkaufsleiter Verkaufsleiterin Marketingleiter Marketingleiterin
    Marketingleitung Personalleiter Personalleiterin Personalleitung Finanzleiter Finanzleiterin Datenschutzbeauftragter
    Datenschutzbeauftragte IT-Leiter IT-Leiterin IT-Leitung Werkleiter Werksleiter Betriebsleiter Betriebsleiterin
    Produktionsleiter Produktionsleiterin Entwicklungsleiter Logistikleiter Logistikleiterin Referent Referentin
    Sachbearbeiter Sachbearbeiterin Assistenz Assistentin Directeur Directrice Direction Président Présidente
    Responsable Chef Cheffe Gérant Gérante Adjoint Adjointe Acheteur Acheteuse Directora Gerente Jefe Jefa Comprador
    Compradora Direttore Direttrice Amministratore Inkoper Hoofd Bestuurder
    """
_AREAS = """
    Vice Executive Managing General Leading Team Teams Group Senior Sr Junior Jr Founding Board Supervisory Working
    Interim Acting Global International Regional Local National Corporate Central Northern Southern Eastern Western
    Europe European EMEA DACH APAC LATAM Sales Marketing Purchasing Procurement Sourcing Supply Chain Logistics
    Operations Operational Production Manufacturing Industrial Plant Site Facility Facilities Quality Assurance Control
    Safety Health Environment Environmental Sustainability Energy Maintenance Technical Technology Technologies
    Engineering Research Development R&D Innovation Product Products Project Projects Program Programme Programs
    Portfolio Process Processes Business Strategy Strategic Transformation Change Digital Digitalization Digitalisation
    Information IT ICT Data Analytics Intelligence Artificial AI Machine Learning Software Hardware Systems System
    Network Networks Infrastructure Cloud Security Cybersecurity Cyber Privacy Protection Compliance Risk Legal Law
    Regulatory Affairs Public Government Relations Relationship Communications Communication Press Media Content Brand
    Creative Design Web Online Ecommerce E-Commerce Commerce Commercial Social Performance Growth Demand Generation
    Campaign Event Events Field Inside Key Account Accounts Customer Customers Client Clients Success Service Services
    Support Care Experience User UX UI Consumer Retail Wholesale Distribution Channel Channels Partners Partnerships
    Alliances Partnership Investor Finance Financial Accounting Tax Treasury Controlling Audit Payroll Billing Revenue
    Pricing Credit Investment Investments Mergers Acquisitions Insurance Real Estate Property Human Resources Resource
    HR People Culture Talent Acquisition Recruiting Recruitment Training Education Office Administration Administrative
    Back Front End Backend Frontend Full Stack DevOps Platform Mobile Test Testing Solutions Solution Presales Pre-Sales
    Export Import Trade Fleet Transport Warehouse Inventory Category Materials Material Construction Electrical
    Mechanical Automation Medical Clinical Scientific Laboratory Lab Publishing Fundraising Community Leitender Einkauf
    Beschaffung Vertrieb Verkauf Personal Personalwesen Finanzen Buchhaltung Rechnungswesen Recht Datenschutz Informatik
    Technik Technischer Technische Kaufmännischer Kaufmännische Produktion Qualität Qualitätsmanagement Entwicklung
    Forschung Logistik Kundenservice Unternehmenskommunikation Général Générale Commerciale Achats Ventes Ressources
    Humaines Financier Financière Juridique Informatique Technique Qualité Systèmes Projet Projets Développement
    Logistique Compras Ventas Recursos Humanos Financiero Financiera Desarrollo Delegato Acquisti Vendite Risorse Umane
    Finanziario Inkoop Verkoop Zakelijk
    """

# What only joins: a role neither begins nor ends with one.
JOINING_WORDS = frozenset(_JOINING.split())
POSITION_WORDS = frozenset(_POSITIONS.split())
ROLE_WORDS = JOINING_WORDS | POSITION_WORDS | frozenset(_AREAS.split())
