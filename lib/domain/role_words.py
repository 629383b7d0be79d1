"""The words a role may be made of: positions, areas, and what joins them, in the languages providers answer in.

A role of these words alone says what somebody does and nothing else: no name, no place, no number is among them. The table
private.role_words holds the same words, so that the database refuses any other; a test holds the two together.
"""

_WORDS = """
    of for and the & de des du la le et di del della en y und für van
    Chief Officer CEO CFO COO CTO CIO CMO CPO CRO CHRO CISO CSO CDO President Vice VP SVP EVP AVP Executive Director Directors
    Managing Management Manager General Head Heads Lead Leader Leading Leadership Team Teams Group Senior Sr Junior Jr Deputy
    Assistant Associate Principal Owner Founder Founding Co-Founder Partner Chair Chairman Chairwoman Chairperson Board Member
    Supervisory Advisor Adviser Consultant Specialist Expert Analyst Architect Engineer Developer Administrator
    Coordinator Supervisor Representative Agent Buyer Purchaser Planner Strategist Scientist Researcher Designer Editor
    Controller Controllers Accountant Auditor Treasurer Counsel Lawyer Attorney Paralegal Secretary Clerk Operator Technician
    Trainer Recruiter Evangelist Producer Scrum Master Intern Trainee Working Student Interim Acting Global International
    Regional Local National Corporate Central Northern Southern Eastern Western Europe European EMEA DACH APAC LATAM
    Sales Marketing Purchasing Procurement Sourcing Supply Chain Logistics Operations Operational Production Manufacturing
    Industrial Plant Site Facility Facilities Quality Assurance Control Safety Health Environment Environmental Sustainability
    Energy Maintenance Technical Technology Technologies Engineering Research Development R&D Innovation Product Products
    Project Projects Program Programme Programs Portfolio Process Processes Business Strategy Strategic Transformation Change
    Digital Digitalization Digitalisation Information IT ICT Data Analytics Intelligence Artificial AI Machine Learning Software
    Hardware Systems System Network Networks Infrastructure Cloud Security Cybersecurity Cyber Privacy Protection Compliance
    Risk Legal Law Regulatory Affairs Public Government Relations Relationship Communications Communication Press Media Content
    Brand Creative Design Web Online Ecommerce E-Commerce Commerce Commercial Social Performance Growth Demand Generation
    Campaign Event Events Field Inside Key Account Accounts Customer Customers Client Clients Success Service Services Support
    Care Experience User UX UI Consumer Retail Wholesale Distribution Channel Channels Partners Partnerships Alliances
    Partnership Investor Finance Financial Accounting Tax Treasury Controlling Audit Payroll Billing Revenue Pricing Credit
    Investment Investments Mergers Acquisitions Insurance Real Estate Property Human Resources Resource HR People Culture
    Talent Acquisition Recruiting Recruitment Training Education Office Administration Administrative Back Front End Backend
    Frontend Full Stack DevOps Platform Mobile Test Testing Solutions Solution Presales Pre-Sales Export Import Trade Fleet
    Transport Warehouse Inventory Category Materials Material Construction Electrical Mechanical Automation Medical Clinical
    Scientific Laboratory Lab Publishing Fundraising Community
    Geschäftsführer Geschäftsführerin Geschäftsführung Geschäftsleiter Geschäftsleitung Geschäftsbereichsleiter Inhaber Inhaberin
    Gesellschafter Vorstand Vorständin Vorstandsvorsitzender Vorstandsvorsitzende Vorstandsmitglied Prokurist Prokuristin Leiter
    Leiterin Leitung Leitender Bereichsleiter Bereichsleiterin Abteilungsleiter Abteilungsleiterin Teamleiter Teamleiterin
    Teamleitung Gruppenleiter Gruppenleiterin Projektleiter Projektleiterin Projektmanager Projektmanagerin Einkauf Einkäufer
    Einkäuferin Einkaufsleiter Einkaufsleiterin Einkaufsleitung Beschaffung Vertrieb Vertriebsleiter Vertriebsleiterin
    Vertriebsleitung Verkauf Verkaufsleiter Verkaufsleiterin Marketingleiter Marketingleiterin Marketingleitung Personal
    Personalleiter Personalleiterin Personalleitung Personalwesen Finanzen Finanzleiter Finanzleiterin Buchhaltung Rechnungswesen
    Recht Datenschutz Datenschutzbeauftragter Datenschutzbeauftragte Informatik IT-Leiter IT-Leiterin IT-Leitung Technik Technischer
    Technische Kaufmännischer Kaufmännische Werkleiter Werksleiter Betriebsleiter Betriebsleiterin Produktion Produktionsleiter
    Produktionsleiterin Qualität Qualitätsmanagement Entwicklung Entwicklungsleiter Forschung Logistik Logistikleiter
    Logistikleiterin Referent Referentin Sachbearbeiter Sachbearbeiterin Assistenz Assistentin Kundenservice Unternehmenskommunikation
    Directeur Directrice Direction Général Générale Président Présidente Responsable Chef Cheffe Gérant Gérante Adjoint Adjointe
    Commerciale Achats Acheteur Acheteuse Ventes Ressources Humaines Financier Financière Juridique Informatique
    Technique Qualité Systèmes Projet Projets Développement Logistique
    Directora Gerente Jefe Jefa Compras Comprador Compradora Ventas Recursos Humanos Financiero Financiera Desarrollo
    Direttore Direttrice Amministratore Delegato Acquisti Vendite Risorse Umane Finanziario
    Inkoper Inkoop Verkoop Hoofd Bestuurder Zakelijk
    """

ROLE_WORDS = frozenset(_WORDS.split())
# What only joins: a role neither begins nor ends with one.
JOINING_WORDS = frozenset(_WORDS.strip().splitlines()[0].split())
